import { isDeepStrictEqual } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { damageText } from "../../app/src/commands/opening.js";
import { fileWork } from "../../app/src/files/work.js";
import { runConfig, sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { type MemoryStorage, memoryStorage } from "./memory-storage.js";

const sample = await sampleProject("sample-1");

/** Two labelled images and one without a label, a network, a curve. */
function trained(): Project {
  const own = { ...sample, images: sample.images.slice(8, 11) };
  const file = (step: number) => {
    const progress = { step, best: undefined };
    const metadata = { ...runConfig(own), normalisation: { kind: "image" }, progress } as const;
    return { bytes: encodeSafetensors({ metadata, tensors: new Map() }), step };
  };
  const losses = [1, 20, 40].map((step) => ({ step, loss: 1 / step }));
  return { ...own, training: { losses, validations: [], best: file(20), last: file(40) } };
}
const project = trained();
const [a, b, c] = project.images.map(({ name }) => name);

/** The files as this app stores them. */
async function stored(): Promise<MemoryStorage> {
  const storage = memoryStorage();
  await createAutosave(storage, fileWork).save(project);
  return storage;
}

/** The files as the first versions of the app stored them: each under a fixed path. */
async function storedPlain(): Promise<MemoryStorage> {
  const storage = memoryStorage();
  const folder = await storage.folder(project.id);
  for (const { path, bytes } of projectFiles(project, fileWork)) {
    await folder.write(path, await bytes());
  }
  return storage;
}

type Damage = (files: Map<string, Uint8Array>) => void;
type Change = (bytes: Uint8Array) => Uint8Array | undefined;

const gone: Change = () => undefined;
const half: Change = (bytes) => bytes.slice(0, bytes.length / 2);
const empty: Change = () => new Uint8Array();
const noise: Change = (bytes) => bytes.map((byte, i) => (i % 3 === 0 ? byte ^ 0x55 : byte));

/** Changes the files whose path ends in one of `ends`. */
const damaged =
  (change: Change, ...ends: readonly string[]): Damage =>
  (files) => {
    for (const [path, bytes] of [...files]) {
      if (!ends.some((end) => path.endsWith(end))) continue;
      const changed = change(bytes);
      if (changed) files.set(path, changed);
      else files.delete(path);
    }
  };

/** Opens a damaged project: nothing may be deleted, by opening it or by a save. */
async function opened(make: () => Promise<MemoryStorage>, damage: Damage) {
  const storage = await make();
  const files = storage.folders.get(project.id) as Map<string, Uint8Array>;
  damage(files);
  const before = new Map(files);
  const autosave = createAutosave(storage, fileWork);
  assert.is((await autosave.list()).length, 1);
  const read = await autosave.load(project.id);
  assert.equal([...files.keys()], [...before.keys()]);
  await autosave.save({ ...read.project, name: "Renamed" });
  const parts = [...before.keys()].filter((path) => !/^[a-z]+\.json$/.test(path));
  assert.equal(
    parts.filter((path) => !files.has(path)),
    [],
  );
  const again = await createAutosave(storage, fileWork).load(project.id);
  assert.equal([again.project.name, again.missing], ["Renamed", []]);
  assert.is(again.project.images.length, read.project.images.length);
  return read;
}

for (const [how, make] of Object.entries({ "this app": stored, "an earlier app": storedPlain })) {
  test(`a project of ${how} opens with what is left of it, and names what is missing`, async () => {
    for (const change of [gone, half, empty, noise]) {
      const image = await opened(make, damaged(change, `images/${a}.png`));
      assert.equal(image.missing, [`the image ${a}`]);
      assert.equal(
        image.project.images.map(({ name }) => name),
        [b, c],
      );

      const label = await opened(make, damaged(change, `labels/${b}.png`));
      assert.equal(label.missing, [`the label of ${b}`]);
      assert.is(label.project.images[1].label, undefined);
      assert.ok(isDeepStrictEqual(label.project.images[1].raw, project.images[1].raw));

      const last = await opened(make, damaged(change, "last.safetensors"));
      assert.equal(last.missing, ["the last checkpoint"]);
      assert.equal([last.project.training.best?.step, last.project.training.last], [20, undefined]);
      assert.is(last.project.training.losses.at(-1)?.step, 20);

      const all = await opened(
        make,
        damaged(change, `images/${a}.png`, `/${c}.png`, `labels/${b}.png`, ".safetensors"),
      );
      assert.is(
        damageText("Sample", all.missing),
        `Sample: could not read the image ${a}, the label of ${b}, the image ${c}, the best ` +
          "checkpoint and the last checkpoint. Everything else was opened, and nothing was deleted.",
      );
    }
  });

  test(`a project of ${how} whose description is damaged is put together from its files`, async () => {
    for (const change of [gone, half, empty, noise, () => new TextEncoder().encode("{}")]) {
      const { project: read, missing } = await opened(make, damaged(change, "project.json"));
      assert.equal(missing, ["the settings and the list of images"]);
      const parts = ({ images }: Project) => images.map((one) => [one.name, one.raw, one.label]);
      assert.ok(isDeepStrictEqual(parts(read), parts(project)));
      assert.equal([read.training.best?.step, read.training.last?.step], [20, 40]);
      assert.is(read.settings.base, project.settings.base);
    }
  });

  test(`an image of a project of ${how} is found in the other folder too`, async () => {
    const { project: read, missing } = await opened(make, (files) => {
      for (const [path, bytes] of [...files]) {
        if (!/images\/|unlabelled\//.test(path)) continue;
        files.delete(path);
        const other = path.includes("images/")
          ? ["images/", "unlabelled/"]
          : ["unlabelled/", "images/"];
        files.set(path.replace(other[0], other[1]), bytes);
      }
    });
    assert.equal(missing, []);
    assert.ok(isDeepStrictEqual(read.images, project.images));
  });
}

test("the list of projects does not need their summaries", async () => {
  for (const change of [gone, half, empty, noise]) {
    const storage = await stored();
    damaged(change, "saved.json")(storage.folders.get(project.id) as Map<string, Uint8Array>);
    const [listed] = await createAutosave(storage, fileWork).list();
    assert.equal(
      [listed.id, listed.name, listed.images, listed.labelled, listed.steps],
      ["sample-1", "Sample", 3, 2, 40],
    );
  }
});

test("a file that the browser cannot read for a while is back when it can", async () => {
  const storage = await stored();
  const folder = await storage.folder(project.id);
  const isImage = (path: string) => path.endsWith(`images/${a}.png`);
  const failing = {
    ...storage,
    folder: async () => ({
      ...folder,
      read: async (path: string) => {
        if (isImage(path)) throw new Error("the disk is busy");
        return folder.read(path);
      },
    }),
  };
  const autosave = createAutosave(failing, fileWork);
  const { project: read, missing } = await autosave.load(project.id);
  assert.equal(missing, [`the image ${a}`]);
  await autosave.save({ ...read, name: "Renamed" });
  const again = createAutosave(storage, fileWork);
  await again.save((await again.load(project.id)).project);
  assert.ok((await folder.list()).some(isImage));
});

test.run();
