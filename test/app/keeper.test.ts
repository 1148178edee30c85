import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { sampleProject } from "../../app/src/state/project.js";
import { createStore } from "../../app/src/state/store.js";
import { createKeeper, type Folder } from "../../app/src/storage/keeper.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import { createProjects } from "../../app/src/verbs/projects.js";
import { syntheticSample } from "../../src/data/synthetic.js";

const project = await sampleProject("sample-1");

/** A storage in memory that counts what is written. */
function memoryStorage() {
  const folders = new Map<string, Map<string, Uint8Array>>();
  const written: string[] = [];
  const folderOf = (id: string) => {
    const files = folders.get(id) ?? new Map<string, Uint8Array>();
    folders.set(id, files);
    return files;
  };
  return {
    written,
    ids: async () => [...folders.keys()],
    delete: async (id: string) => void folders.delete(id),
    async folder(id: string): Promise<Folder> {
      const files = folderOf(id);
      return {
        read: async (path) => files.get(path),
        async write(path, bytes) {
          written.push(path);
          files.set(path, bytes);
        },
        remove: async (path) => void files.delete(path),
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
