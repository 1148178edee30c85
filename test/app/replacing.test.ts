import { isDeepStrictEqual } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createAsking } from "../../app/src/commands/asking.js";
import { createProjects } from "../../app/src/commands/projects.js";
import { fileWork } from "../../app/src/files/work.js";
import { sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { createStore } from "../../app/src/state/store.js";
import type { Question } from "../../app/src/state/types.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import type { LabelMap } from "../../src/data/image-types.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { memoryStorage } from "./memory-storage.js";

const sample = await sampleProject("sample-1");

/** A checkpoint file of a network of that width. */
function checkpoint(base: number, step: number, best: number | undefined, goesOn: boolean) {
  const figures = { loss: 1 / (best ?? 1), wrongPixels: 0.1 };
  const progress = { step, best: best === undefined ? undefined : { step: best, ...figures } };
  const training = trainingConfig({ seed: base });
  const model = modelConfig({ base, depth: 1 });
  const metadata = { model, normalisation: { kind: "image" }, training, progress } as const;
  const tensor = { shape: [1], data: new Float32Array(1) };
  return encodeSafetensors({
    metadata,
    tensors: new Map([[goesOn ? "optimizer.m" : "weight", tensor]]),
  });
}

/** The sample after a run of a network of width 4: 300 steps, the best at 225. */
const trained: Project = {
  ...sample,
  settings: { ...sample.settings, base: 4, depth: 1 },
  training: {
    losses: [{ step: 300, loss: 0.1 }],
    validations: [{ step: 225, loss: 0.2, wrongPixels: 0.1 }],
    best: { bytes: checkpoint(4, 225, 225, false), step: 225 },
    last: { bytes: checkpoint(4, 300, 225, true), step: 300 },
  },
};

const file = (path: string, bytes: Uint8Array) => {
  return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
};

/** Files for an open project, and the answers to its questions, in order. */
async function added(
  files: readonly ReturnType<typeof file>[],
  answers: readonly (string | undefined)[] = [],
  page: "start" | "images" = "images",
) {
  const store = createStore();
  const { ask, answer } = createAsking(store);
  const parts = { draw: syntheticSample, files: fileWork, autosave: undefined, ask };
  const { addFiles } = createProjects(store, parts);
  store.dispatch({ type: "open", project: trained, page });
  const asked: Question[] = [];
  const left = [...answers];
  store.state.subscribe(({ question }) => {
    if (!question) return;
    asked.push(question);
    queueMicrotask(() => answer(left.shift()));
  });
  await addFiles(files);
  const { project, run, notices } = store.state.peek();
  return { project: project as Project, run, notices, asked };
}

test("another network replaces a trained one only after a question, with all that belongs to it", async () => {
  const foreign = file("wide.safetensors", checkpoint(8, 50, 50, false));
  const kept = await added([foreign], [undefined]);
  assert.match(
    kept.asked[0].text,
    /wide\.safetensors is a different network \(50 steps\).*\(300 steps\)/,
  );
  assert.ok(kept.project.training === trained.training);
  assert.is(kept.project.settings.base, 4);
  const { project, run, notices } = await added([foreign], ["replace"]);
  assert.equal([project.training.best?.step, project.training.last], [50, undefined]);
  assert.equal([project.training.losses, project.training.validations], [[], []]);
  assert.equal([project.settings.base, project.settings.depth], [8, 1]);
  assert.equal([run, notices], [{ kind: "idle" }, []]);
  assert.ok(isDeepStrictEqual(project.images, trained.images));
  const goesOn = await added([file("on.safetensors", checkpoint(8, 70, 50, true))], ["replace"]);
  assert.equal([goesOn.project.training.best, goesOn.project.training.last?.step], [undefined, 70]);
  assert.equal(goesOn.run, { kind: "paused" });
});

test("a network of the same run is taken without a question", async () => {
  const own = await added([file("last.safetensors", checkpoint(4, 300, 225, true))]);
  assert.equal([own.asked, own.project.training.losses.length], [[], 1]);
  const best = await added([file("best.safetensors", checkpoint(4, 225, 225, false))]);
  assert.equal([best.asked, best.project.training.last?.step], [[], 300]);
  const earlier = await added(
    [file("best.safetensors", checkpoint(4, 100, 100, false))],
    [undefined],
  );
  assert.is(earlier.asked.length, 1);
});

test("for files that are dropped on the start page the app asks for the project", async () => {
  const png = encodePng({ width: 2, height: 2, channels: 1, bitDepth: 8, data: [1, 2, 3, 4] });
  const files = [file("cells/a.png", png)];
  const here = await added(files, ["open"], "start");
  assert.equal([here.project.id, here.project.images.length], ["sample-1", 13]);
  const fresh = await added(files, ["new"], "start");
  assert.equal([fresh.project.name, fresh.project.images.length], ["cells", 1]);
  const none = await added(files, [undefined], "start");
  assert.ok(none.project === trained);
  const elsewhere = await added(files);
  assert.equal([elsewhere.asked, elsewhere.project.images.length], [[], 13]);
});

test("undo brings a removed image back with its label, its strokes and its position", () => {
  const opened = reduce(INITIAL, { type: "open", project: sample, page: "images" });
  const [a, b] = sample.images;
  const label = b.label as LabelMap;
  const painted = reduce(opened, { type: "label", name: b.name, label: { ...label } });
  const one = reduce(painted, { type: "remove-image", name: b.name });
  assert.is(one.notices[0].text, `${b.name} and its label were removed.`);
  const both = reduce(one, { type: "remove-image", name: a.name });
  assert.equal(
    both.notices.map(({ text }) => text),
    ["2 images and 2 labels removed."],
  );
  const elsewhere = reduce(both, { type: "go", page: "label" });
  const notice = elsewhere.notices[0].id;
  const back = reduce(elsewhere, { type: "restore-images", notice });
  assert.ok(isDeepStrictEqual(back.project?.images, painted.project?.images));
  assert.ok(isDeepStrictEqual(back.history, painted.history));
  assert.equal(back.notices, []);
  // It must not come back in another project.
  const other = reduce(both, { type: "open", project: trained, page: "images" });
  assert.equal(other.notices, []);
});

test("a project that cannot be saved is only left after a question", async () => {
  const storage = memoryStorage();
  const autosave = createAutosave(storage, fileWork);
  await autosave.save({ ...sample, images: sample.images.slice(0, 2) });
  const store = createStore();
  const { ask, answer } = createAsking(store);
  const parts = { draw: syntheticSample, files: fileWork, autosave, ask };
  const projects = createProjects(store, parts);
  await projects.openSaved("sample-1");
  storage.onChange = () => {
    throw new Error("the disk is full");
  };
  store.dispatch({ type: "rename", name: "Mitosis" });
  const answers = [undefined, "leave"];
  store.state.subscribe(({ question }) => {
    if (question) queueMicrotask(() => answer(answers.shift()));
  });
  await projects.newProject();
  assert.is(store.state.peek().project?.name, "Mitosis");
  await projects.newProject();
  assert.is(store.state.peek().project?.name, "New project");
  assert.equal(answers, []);
});

test("questions are asked one after the other, and one without an answer changes nothing", async () => {
  const store = createStore();
  const { ask, answer } = createAsking(store);
  const question = (title: string) => ({ title, text: "", answers: [], cancel: "Cancel" });
  const answers = [ask(question("a")), ask(question("b"))];
  await Promise.resolve();
  assert.is(store.state.peek().question?.title, "a");
  answer("yes");
  await answers[0];
  await Promise.resolve();
  assert.is(store.state.peek().question?.title, "b");
  answer();
  assert.equal(await Promise.all(answers), ["yes", undefined]);
  assert.is(store.state.peek().question, undefined);
});

test.run();
