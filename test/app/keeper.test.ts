import { isDeepStrictEqual } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { withMoreClasses } from "../../app/src/state/classes.js";
import { sampleProject } from "../../app/src/state/project.js";
import { createStore } from "../../app/src/state/store.js";
import type { Project, ProjectImage } from "../../app/src/state/types.js";
import { createKeeper, type Folder } from "../../app/src/storage/keeper.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import { createProjects } from "../../app/src/verbs/projects.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import type { LabelMap } from "../../src/data/types.js";
import { rejectionOf } from "../errors.js";

const project = await sampleProject("sample-1");

/** A storage in memory that counts what is written, and breaks down after so many changes. */
function memoryStorage(changes = Infinity) {
  const folders = new Map<string, Map<string, Uint8Array>>();
  let made = 0;
  const change = () => {
    if (made === changes) throw new Error("the page was killed");
    made++;
  };
  const written: string[] = [];
  const folderOf = (id: string) => {
    const files = folders.get(id) ?? new Map<string, Uint8Array>();
    folders.set(id, files);
    return files;
  };
  return {
    written,
    /** Files written and removed so far. */
    made: () => made,
    ids: async () => [...folders.keys()],
    delete: async (id: string) => void folders.delete(id),
    async folder(id: string): Promise<Folder> {
      const files = folderOf(id);
      return {
        read: async (path) => files.get(path),
        async write(path, bytes) {
          change();
          written.push(path);
          files.set(path, bytes);
        },
        async remove(path) {
          change();
          files.delete(path);
        },
        list: async () => [...files.keys()],
      };
    },
  };
}

test("the keeper writes what changed and nothing else, and takes away what is gone", async () => {
  const storage = memoryStorage();
  const keeper = createKeeper(storage, fileWork, () => 7);
  const last = { bytes: Uint8Array.of(1, 2, 3), step: 1 };
  const trained = { ...project, training: { ...project.training, last } };
  await keeper.save(trained);
  assert.is(storage.written.length, projectFiles(trained, fileWork).length + 1);
  storage.written.length = 0;
  const [first, ...others] = project.images;
  const { label: _, ...unlabelled } = first;
  await keeper.save({ ...trained, images: [unlabelled, ...others] });
  assert.equal(storage.written, [`unlabelled/${first.name}.png`, "project.json", "saved.json"]);
  const again = await createKeeper(storage, fileWork).load(project.id);
  assert.equal(again.images[0], unlabelled);
  assert.equal(await keeper.list(), [
    { id: "sample-1", name: "Sample", images: 12, labelled: 9, steps: 1, savedAt: 7 },
  ]);
});

/** `project` after much was done in one go: a third class, a network, images labelled and removed. */
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
  const last = { bytes: Uint8Array.of(1, 2, 3), step: 20 };
  const training = { losses: [{ step: 20, loss: 0.5 }], validations: [], best: last, last };
  return { ...project, classes, images: inThree, training };
}

test("a page that is killed at any write leaves a project that opens, each part old or new", async () => {
  const next = later();
  const begin = async (changes?: number) => {
    const storage = memoryStorage(changes);
    const keeper = createKeeper(storage, fileWork);
    await keeper.save(project);
    return { storage, keeper };
  };
  const whole = await begin();
  const first = whole.storage.made();
  await whole.keeper.save(next);
  const all = whole.storage.made();
  assert.ok(all - first >= 15, `${all - first} changes`);
  const pixels = ({ raw, label }: ProjectImage) => [raw, label?.data];
  for (let done = first; done < all; done++) {
    const { storage, keeper } = await begin(done);
    assert.match(await rejectionOf(keeper.save(next)), /the page was killed/);
    const again = createKeeper(storage, fileWork);
    assert.is((await again.list()).length, 1);
    const { images, training } = await again.load(project.id);
    assert.ok([project, next].some((state) => state.images.length === images.length));
    for (const image of images) {
      const both = [project, next].map(({ images }) => images.find(isNamed(image.name)));
      assert.ok(
        both.some((part) => part && isDeepStrictEqual(pixels(image), pixels(part))),
        `after ${done} changes ${image.name} is neither as before nor as behind`,
      );
    }
    assert.ok(
      [project, next].some((state) => isDeepStrictEqual(state.training.last, training.last)),
    );
  }
});

const isNamed = (name: string) => (image: ProjectImage) => image.name === name;

test("a project that is deleted while it is open is closed, and written no more", async () => {
  const storage = memoryStorage();
  const keeper = createKeeper(storage, fileWork);
  const store = createStore();
  const { deleteSaved } = createProjects(store, { draw: syntheticSample, files: fileWork, keeper });
  store.dispatch({ type: "open", project, station: "images" });
  await keeper.save(project);
  const deleted = deleteSaved(project.id);
  store.dispatch({ type: "role", name: project.images[0].name, role: "validation" });
  await deleted;
  assert.equal([store.state.peek().project, await storage.ids()], [undefined, []]);
});

test.run();
