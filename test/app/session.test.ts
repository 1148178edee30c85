import { isDeepStrictEqual } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createProjects } from "../../app/src/commands/projects.js";
import { fileWork } from "../../app/src/files/work.js";
import { runConfig, sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { createStore } from "../../app/src/state/store.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import type { LabelMap } from "../../src/data/image-types.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { memoryStorage } from "./memory-storage.js";

const sample = await sampleProject("sample-1");
const images = sample.images.slice(0, 3);
const [a, b] = images.map(({ name }) => name);

function trained(): Project {
  const own = { ...sample, images };
  const progress = { step: 20, best: undefined };
  const metadata = { ...runConfig(own), normalisation: { kind: "image" }, progress } as const;
  const bytes = encodeSafetensors({ metadata, tensors: new Map() });
  const last = { bytes, step: 20, run: { id: "run-1" } };
  return { ...own, training: { losses: [], validations: [], last } };
}

function prediction(step: number) {
  const { width, height } = images[0].raw;
  const probabilities = Float32Array.from({ length: 2 * width * height }, (_, i) => 1 / (1 + i));
  return { width, height, classes: 2, probabilities, uncertainty: 0.25, step, run: "run-1" };
}

/** A page with this storage. */
function loaded(storage: ReturnType<typeof memoryStorage>) {
  const store = createStore();
  const autosave = createAutosave(storage, fileWork);
  const projects = createProjects(store, { draw: syntheticSample, files: fileWork, autosave });
  return { ...store, ...projects, now: () => store.state.peek() };
}

test("after a reload strokes can be undone, and the view and the predictions are there", async () => {
  const storage = memoryStorage();
  await createAutosave(storage, fileWork).save(trained());
  const page = loaded(storage);
  await page.openSaved("sample-1");
  const label = images[0].label as LabelMap;
  const all = { x: 0, y: 0, width: label.width, height: label.height };
  const painted = { ...label, data: label.data.map(() => 1) };
  page.dispatch({
    type: "paint",
    label: painted,
    patch: { image: a, area: all, before: label.data },
  });
  page.dispatch({ type: "prediction", name: a, prediction: prediction(20) });
  page.dispatch({ type: "prediction", name: b, prediction: prediction(10) });
  page.dispatch({ type: "view", changes: { image: b, threshold: 0.3, contrast: [0.1, 0.8] } });
  // Before another project opens, this one is written.
  await page.newProject();

  const again = loaded(storage);
  await again.openSaved("sample-1");
  const { view, predictions, history, project } = again.now();
  assert.equal([view.image, view.threshold, view.contrast], [b, 0.3, [0.1, 0.8]]);
  assert.ok(isDeepStrictEqual(predictions, { [a]: prediction(20) }), "of the network in use only");
  assert.ok(isDeepStrictEqual(project?.images[0].label, painted));
  assert.is(history.length, 1);
  again.dispatch({ type: "undo" });
  assert.ok(isDeepStrictEqual(again.now().project?.images[0].label, label));
  await again.newProject();
  const last = loaded(storage);
  await last.openSaved("sample-1");
  assert.equal([last.now().history, Object.keys(last.now().predictions)], [[], [a]]);
});

test("changes of the view are written once, without a message", async () => {
  const storage = memoryStorage();
  await createAutosave(storage, fileWork).save(trained());
  storage.written.length = 0;
  const page = loaded(storage);
  await page.openSaved("sample-1");
  await page.newProject();
  assert.not(storage.written.some((path) => path.includes("labels/")));
  const before = storage.written.filter((path) => path === "project.json").length;
  await page.openSaved("sample-1");
  page.dispatch({ type: "view", changes: { image: b } });
  assert.is(page.now().saving, "saved");
  await page.newProject();
  const after = storage.written.filter((path) => path === "project.json").length;
  assert.is(after - before, 2, "the view, and the new project");
});

test("a damaged session loses nothing of the project", async () => {
  for (const damage of ["history.bin", ".f32"]) {
    const storage = memoryStorage();
    const project = trained();
    const patch = {
      image: a,
      area: { x: 0, y: 0, width: 2, height: 1 },
      before: Uint8Array.of(0, 1),
    };
    const { view } = createStore().state.peek();
    const session = { view, history: [patch], predictions: { [a]: prediction(20) } };
    await createAutosave(storage, fileWork).save(project, session);
    const files = storage.folders.get(project.id) as Map<string, Uint8Array>;
    for (const [path, bytes] of [...files]) {
      if (path.endsWith(damage)) files.set(path, bytes.slice(0, bytes.length - 1));
    }
    const read = await createAutosave(storage, fileWork).load(project.id);
    assert.equal(read.missing, []);
    assert.ok(isDeepStrictEqual(read.project.images, project.images));
    const left = [
      read.session?.history.length,
      Object.keys(read.session?.predictions ?? {}).length,
    ];
    assert.equal(left, damage === ".f32" ? [1, 0] : [0, 1]);
  }
});

test.run();
