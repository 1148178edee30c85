import { isDeepStrictEqual } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createProjects } from "../../app/src/commands/projects.js";
import { fileWork } from "../../app/src/files/work.js";
import { withMoreClasses } from "../../app/src/state/classes.js";
import { runConfig, sampleProject } from "../../app/src/state/project.js";
import type { Project, ProjectImage } from "../../app/src/state/project-types.js";
import { createStore } from "../../app/src/state/store.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import { partFiles } from "../../app/src/storage/project-files.js";
import type { LabelMap } from "../../src/data/image-types.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { rejectionOf } from "../errors.js";
import { memoryStorage } from "./memory-storage.js";

const whole = await sampleProject("sample-1");
const project = { ...whole, images: whole.images.slice(6) };
const count = project.images.length;

/** A checkpoint of the project's network, without weights. */
function checkpoint(step: number) {
  const progress = { step, best: undefined };
  const metadata = { ...runConfig(project), normalisation: { kind: "image" }, progress } as const;
  return { bytes: encodeSafetensors({ metadata, tensors: new Map() }), step };
}

/** A path without the folder of the save that wrote the file. */
const plain = (path: string) => path.replace(/^[0-9a-z]{8}-[0-9a-z]{6}\//, "");

test("the autosave writes only what changed, and removes what was deleted", async () => {
  const storage = memoryStorage();
  const autosave = createAutosave(storage, fileWork, () => 7);
  const trained = { ...project, training: { ...project.training, last: checkpoint(1) } };
  await autosave.save(trained);
  assert.is(storage.written.length, partFiles(trained, fileWork).length + 3);
  assert.equal(storage.removed, []);
  storage.written.length = 0;
  const [first, ...others] = project.images;
  const { label, ...unlabelled } = first;
  await autosave.save({ ...trained, images: [unlabelled, ...others] });
  assert.equal(storage.written, ["project.json", "saved.json"]);
  assert.equal(storage.removed.map(plain), [`labels/${first.name}.png`]);
  storage.written.length = 0;
  const data = (label as LabelMap).data.slice().reverse();
  const painted = { ...unlabelled, label: { ...(label as LabelMap), data } };
  await autosave.save({ ...trained, images: [painted, ...others] });
  assert.equal(storage.written.map(plain), [
    `labels/${first.name}.png`,
    "project.json",
    "saved.json",
  ]);
  const again = await createAutosave(storage, fileWork).load(project.id);
  assert.equal(again.missing, []);
  assert.ok(isDeepStrictEqual(again.project.images[0], painted));
  const [listed] = await autosave.list();
  assert.equal(
    { ...listed, picture: undefined },
    {
      id: "sample-1",
      name: "Sample",
      images: count,
      labelled: 4,
      steps: 1,
      savedAt: 7,
      picture: undefined,
    },
  );
});

/** `project` after many changes at once: a third class, a network, images labelled and removed. */
function later(): Project {
  const [first, second, third, ...others] = project.images.slice(0, -1);
  const { label, ...unlabelled } = second;
  const classes = withMoreClasses(project.classes, 3);
  const data = (first.label as LabelMap).data.map((value, i) => (i < 50 ? 2 : value));
  const painted = { ...(first.label as LabelMap), classes: 3, data };
  const images = [{ ...first, label: painted }, unlabelled, third, ...others];
  const inThree = images.map((image: ProjectImage) =>
    image.label ? { ...image, label: { ...image.label, classes: 3 } } : image,
  );
  const last = checkpoint(20);
  const training = { losses: [{ step: 20, loss: 0.5 }], validations: [], best: last, last };
  return { ...project, classes, images: inThree, training };
}

test("a page that ends during any write leaves the whole old project or the whole new one", async () => {
  const next = later();
  const begin = async () => {
    const storage = memoryStorage();
    const autosave = createAutosave(storage, fileWork);
    await autosave.save(project);
    return { storage, autosave };
  };
  const uncut = await begin();
  let changes = 0;
  uncut.storage.onChange = () => changes++;
  await uncut.autosave.save(next);
  assert.ok(changes >= 6, `${changes} changes`);
  for (let done = 0; done < changes; done++) {
    const { storage, autosave } = await begin();
    let made = 0;
    storage.onChange = () => {
      if (made++ >= done) throw new Error("the page was killed");
    };
    const said = await autosave.save(next).then(
      () => true,
      () => false,
    );
    storage.onChange = () => {};
    const again = createAutosave(storage, fileWork);
    assert.is((await again.list()).length, 1);
    const { project: opened, missing } = await again.load(project.id);
    assert.equal(missing, []);
    const isNew = isDeepStrictEqual(opened.images, next.images);
    assert.ok(isNew || isDeepStrictEqual(opened.images, project.images), `after ${done} changes`);
    assert.ok(isNew || !said, `after ${done} changes it said "saved" and was not`);
    assert.is(opened.training.last?.step, isNew ? 20 : undefined);
    // The next save removes what the page left over, and nothing else.
    await again.save(next);
    const { project: saved, missing: lost } = await createAutosave(storage, fileWork).load(
      "sample-1",
    );
    assert.equal(lost, []);
    assert.ok(isDeepStrictEqual(saved.images, next.images));
    assert.is(storage.folders.get(project.id)?.size, uncut.storage.folders.get(project.id)?.size);
  }
});

test("a first save that was interrupted is listed, and opens with the images that it wrote", async () => {
  const storage = memoryStorage();
  storage.onChange = (path) => {
    if (path === "project.json") throw new Error("the page was killed");
  };
  const saving = createAutosave(storage, fileWork).save(project);
  assert.match(await rejectionOf(saving), /the page was killed/);
  const autosave = createAutosave(storage, fileWork);
  const [listed] = await autosave.list();
  assert.equal([listed.images, listed.labelled], [count, 4]);
  const { project: opened, missing } = await autosave.load(project.id);
  assert.equal(missing, ["the settings and the list of images"]);
  const pixels = ({ images }: Project) => images.map(({ raw, label }) => [raw, label?.data]);
  assert.ok(isDeepStrictEqual(pixels(opened), pixels(project)));
});

test("a save removes nothing that another tab wrote", async () => {
  const storage = memoryStorage();
  const [one, other] = [createAutosave(storage, fileWork), createAutosave(storage, fileWork)];
  await one.save(project);
  const { project: second } = await other.load(project.id);
  const [first, ...others] = project.images;
  const data = (first.label as LabelMap).data.map(() => 1);
  await one.save({
    ...project,
    images: [{ ...first, label: { ...(first.label as LabelMap), data } }, ...others],
  });
  await other.save({ ...second, images: second.images.slice(0, -1) });
  const { project: opened, missing } = await createAutosave(storage, fileWork).load(project.id);
  assert.equal(missing, []);
  assert.is(opened.images.length, count - 1);
  assert.ok(isDeepStrictEqual(opened.images[0].label?.data, data));
});

test("a project that is read while another tab saves it is read as of one save", async () => {
  const storage = memoryStorage();
  const writer = createAutosave(storage, fileWork);
  await writer.save(project);
  const [first, ...others] = project.images;
  const data = (first.label as LabelMap).data.map(() => 1);
  const next = {
    ...project,
    images: [{ ...first, label: { ...(first.label as LabelMap), data } }, ...others],
  };
  let saved: Promise<void> | undefined;
  const decode: typeof fileWork.decode = async (bytes, name) => {
    // Once, after the description is read and before the label that it names.
    saved ??= writer.save(next);
    await saved;
    return fileWork.decode(bytes, name);
  };
  const reader = createAutosave(storage, { ...fileWork, decode });
  const { project: read, missing } = await reader.load(project.id);
  assert.equal(missing, []);
  assert.ok(isDeepStrictEqual(read.images[0].label?.data, data));
});

test("a project that is deleted while it is open is closed, and no longer written", async () => {
  const storage = memoryStorage();
  const autosave = createAutosave(storage, fileWork);
  const store = createStore();
  const projects = createProjects(store, { draw: syntheticSample, files: fileWork, autosave });
  await autosave.save(project);
  await projects.openSaved(project.id);
  store.dispatch({ type: "role", name: project.images[0].name, role: "validation" });
  const deleted = projects.deleteSaved(project.id);
  await deleted;
  assert.equal([store.state.peek().project, await storage.ids()], [undefined, []]);
});

test.run();
