import { test } from "uvu";
import * as assert from "uvu/assert";
import { createSegmentation } from "../../app/src/commands/segmentation.js";
import { createTraining } from "../../app/src/commands/training.js";
import type { Engine } from "../../app/src/engine/client.js";
import { openingTrain } from "../../app/src/engine/jobs.js";
import { trainOn } from "../../app/src/engine/work.js";
import { fileWork } from "../../app/src/files/work.js";
import { OUTPUTS } from "../../app/src/outputs/pictures.js";
import { progressOf, titleOf } from "../../app/src/state/progress.js";
import { sampleProject } from "../../app/src/state/project.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { createStore } from "../../app/src/state/store.js";
import { fakePrediction } from "../cli/fakes.js";
import { testDevice } from "../device.js";

const project = await sampleProject("sample-1");

test("the title shows the progress of what is running, and nothing else", () => {
  assert.is(titleOf(INITIAL), "Micrograph");
  const run = {
    kind: "running",
    step: 127,
    steps: 300,
    stepsPerSecond: 1,
    remainingMs: 1,
    planBytes: 1,
  } as const;
  assert.is(titleOf({ ...INITIAL, run }), "42 % - Micrograph");
  assert.is(titleOf({ ...INITIAL, run: { kind: "preparing" } }), "0 % - Micrograph");
  const segmenting = { name: "a", image: 1, images: 4, done: 1, total: 2 };
  assert.is(progressOf({ ...INITIAL, segmenting }), 0.375);
  const packing = { title: "", name: "a", done: 1, total: 4 };
  assert.is(progressOf({ ...INITIAL, packing }), 0.25);
  assert.is(progressOf({ ...INITIAL, importing: { name: "a", done: 3, files: 4 } }), 0.75);
});

const { name, raw } = project.images[0];
const seen = { width: raw.width, height: raw.height, channels: 1, data: new Float32Array(0) };
const prediction = { ...fakePrediction(seen, 2), uncertainty: 0 };

/** A store with a project that has a network. */
function trainedStore() {
  const store = createStore();
  const best = { bytes: Uint8Array.of(1), step: 7 };
  const trained = { ...project, training: { ...project.training, best } };
  store.dispatch({ type: "open", project: trained, page: "segment" });
  return store;
}

test("segmenting reports the image and the count, and what is done stays if it is stopped", async () => {
  const store = trainedStore();
  const said: unknown[] = [];
  const engine = {
    async predict(_job, onTile, signal) {
      onTile?.(1, 2);
      said.push(store.state.peek().segmenting);
      if (said.length === 2) segmentation.stopSegmenting();
      signal?.throwIfAborted();
      return { prediction, step: 7 };
    },
  } as Partial<Engine> as Engine;
  const segmentation = createSegmentation(store, engine);
  const names = project.images.slice(0, 3).map((image) => image.name);
  await segmentation.segment(names);
  assert.equal(said, [
    { name: names[0], image: 0, images: 3, done: 1, total: 2 },
    { name: names[1], image: 1, images: 3, done: 1, total: 2 },
  ]);
  const { predictions, segmenting, notices } = store.state.peek();
  assert.equal([Object.keys(predictions), segmenting, notices], [[names[0]], undefined, []]);
});

test("packing reports its progress by image, and rejects if it is stopped", async () => {
  const { classes } = project;
  const requests = OUTPUTS.map(({ name: kind }) => {
    return { kind, name, raw, prediction, threshold: 0.5, classes };
  });
  const told: string[] = [];
  const stop = new AbortController();
  const onFile = (done: number, total: number, image: string) => {
    told.push(`${done} of ${total}: ${image}`);
    if (done === 2) stop.abort();
  };
  await fileWork.packPictures(requests.slice(0, 2), { onFile, signal: stop.signal });
  assert.equal(told, [`0 of 2: ${name}`, `1 of 2: ${name}`]);
  const ended = fileWork.packPictures(requests, { onFile, signal: stop.signal });
  assert.is(await ended.catch((error) => error.name), "AbortError");
});

test("a run that is stopped while the GPU gets ready leaves nothing", () => {
  const store = createStore();
  store.dispatch({ type: "open", project, page: "train" });
  let stops = 0;
  const engine = { train() {}, stop: () => void stops++ } as Partial<Engine> as Engine;
  const training = createTraining(store, engine);
  training.train();
  assert.is(store.state.peek().run.kind, "preparing");
  training.pause();
  training.take({ type: "train-cancelled" });
  assert.equal([stops, store.state.peek().run.kind], [1, "idle"]);
});

test("the engine ends a run at once that is stopped before its first step", async () => {
  const settings = { ...project.settings, base: 2, depth: 1, tile: 28, steps: 5 };
  const opened = reduce(INITIAL, {
    type: "open",
    project: { ...project, settings },
    page: "train",
  });
  const posted: unknown[] = [];
  const stop = new AbortController();
  const run = trainOn(await testDevice(), openingTrain(opened), stop.signal, (reply) =>
    posted.push(reply),
  );
  stop.abort();
  assert.is(await run.catch((error) => error.name), "AbortError");
  assert.equal(posted, []);
});

test.run();
