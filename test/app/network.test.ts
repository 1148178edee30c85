// Which network a prediction, a figure and a file belong to.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createTraining } from "../../app/src/commands/training.js";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { commandNote, predictCommands } from "../../app/src/outputs/command.js";
import { predictionFiles } from "../../app/src/outputs/pictures.js";
import { reportHtml } from "../../app/src/outputs/report.js";
import { usualClasses } from "../../app/src/state/classes.js";
import { currentPredictions, figureInUse, networkInUse } from "../../app/src/state/network.js";
import { emptyProject, sampleProject } from "../../app/src/state/project.js";
import type { Project, StoredCheckpoint, Training } from "../../app/src/state/project-types.js";
import { createStore } from "../../app/src/state/store.js";
import type { StepPrediction } from "../../app/src/state/types.js";
import { openImage } from "../../src/browser/read-image.js";
import { encodePrediction } from "../../src/cli/predict/predict-outputs.js";
import { classLegend } from "../../src/data/classes.js";
import { decodePng } from "../../src/formats/png/png.js";
import { predictedClasses } from "../../src/metrics/pixels.js";
import { PREDICTION_OUTPUTS } from "../../src/outputs/prediction-outputs.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { readBack } from "./memory-storage.js";

const project = await sampleProject("sample-1");

const prediction = (step: number, run?: string): StepPrediction => {
  const probabilities = new Float32Array(8).fill(0.5);
  return { width: 2, height: 2, classes: 2, probabilities, uncertainty: 1, step, run };
};
const checkpoint = (step: number, run: string, pixels = 100): StoredCheckpoint => {
  const data = { images: 8, validation: ["synthetic-09"], pixels };
  const figures = { loss: 0.1, wrongPixels: 0.067 };
  return { bytes: Uint8Array.of(step), step, figures, run: { id: run, data } };
};

const VALIDATIONS = [
  { step: 225, loss: 0.1, wrongPixels: 0.067 },
  { step: 300, loss: 0.2, wrongPixels: 0.076 },
];
const best = checkpoint(225, "one");
const { figures: _, ...last } = checkpoint(300, "one");
const training: Training = { losses: [], validations: VALIDATIONS, best, last };

test("a prediction is current as long as the network that made it is in use", () => {
  const predictions = {
    a: prediction(225, "one"),
    b: prediction(300, "one"),
    c: prediction(225, "two"),
    d: prediction(225),
  };
  const names = (of: Training) => Object.keys(currentPredictions(predictions, of));
  assert.equal(names(training), ["a"]);
  assert.equal(names({ ...training, best: undefined }), ["b"]);
  assert.equal(names({ ...training, best: checkpoint(225, "two") }), ["c"]);
  assert.equal(names({ losses: [], validations: [] }), []);
});

test("the figure on show is that of the network that is exported", () => {
  assert.equal(figureInUse(training), { step: 225, wrongPixels: 0.067 });
  const html = reportHtml({
    project: { ...project, training },
    predictions: {},
    threshold: 0.5,
    adapter: "x",
  });
  assert.match(html, /validation error<\/th><td>6\.7 % \(step 225\)</);
  assert.match(html, /latest validation error<\/th><td>7\.6 % \(step 300\)</);
  assert.is(networkInUse(training)?.kind, "best");
  // A run without validation has no best network: the newest is in use.
  const unchecked = { ...training, last: checkpoint(400, "two", 0) };
  assert.is(networkInUse(unchecked)?.kind, "last");
});

test("the report counts the images that the run used, not those that were labelled later", () => {
  const images = project.images.map((image) => ({ ...image, label: project.images[0].label }));
  const html = reportHtml({
    project: { ...project, images, training },
    predictions: {},
    threshold: 0.5,
    adapter: "x",
  });
  const asFile = { ...training, best: { ...best, run: { id: "file" } } };
  const other = reportHtml({
    project: { ...project, training: asFile },
    predictions: {},
    threshold: 0.5,
    adapter: "x",
  });
  assert.match(other, /images for training<\/th><td>unknown: the network came from a file</);
  assert.match(html, /images for training<\/th><td>8</);
  assert.match(html, /images for validation<\/th><td>synthetic-09</);
});

test("checkpoints and predictions have the id of their run, also in the project's files", async () => {
  const store = createStore();
  store.dispatch({ type: "open", project, page: "train" });
  const engine = { train() {} } as unknown as Parameters<typeof createTraining>[1];
  const { train, take } = createTraining(store, engine);
  const data = { images: 8, validation: ["synthetic-09"], pixels: 7 };
  const tell = (step: number) => {
    const metadata = { model: modelConfig(), normalisation: { kind: "image" } } as const;
    const bytes = encodeSafetensors({ tensors: new Map(), metadata });
    take({ type: "checkpoint", kind: "best", bytes, step, figures: best.figures, data });
    take({ type: "predictions", step, predictions: [{ name: "a", prediction: prediction(step) }] });
  };
  const current = () => {
    const { project, live } = store.state.peek();
    return Object.keys(currentPredictions(live, (project as Project).training));
  };
  train();
  tell(20);
  const first = store.state.peek().project as Project;
  assert.equal([first.training.best?.run?.data, current()], [data, ["a"]]);
  const old = store.state.peek().live.a;
  assert.equal(store.state.peek().predictions, {}, "nobody asked for it");
  train();
  tell(20);
  store.dispatch({ type: "live", name: "a", prediction: old });
  assert.equal(current(), [], "a step of that number of the run before is another network");
  const again = await readBack(first);
  assert.equal(again.training.best, first.training.best);
});

test("a dropped last checkpoint is the last one, without the figures of the best one", async () => {
  const model = modelConfig({ base: 2, depth: 1 });
  const figures = { step: 10, loss: 1, wrongPixels: 0.1 };
  const drop = async (into: Project, step: number, goesOn: boolean, name: string) => {
    const tensor = { shape: [1], data: new Float32Array(1) };
    const tensors = new Map([[goesOn ? "optimizer.m" : "weight", tensor]]);
    const progress = { step, best: figures };
    const normalisation = { kind: "image" } as const;
    const metadata = { model, normalisation, training: trainingConfig(), progress };
    const bytes = encodeSafetensors({ tensors, metadata });
    const file = new Blob([bytes as Uint8Array<ArrayBuffer>]);
    return (await importFiles(into, [{ path: `run/${name}`, file }], fileWork)).project;
  };
  const empty = emptyProject("p", "p");
  const lastOnly = await drop(empty, 30, true, "last.safetensors");
  assert.equal(
    [networkInUse(lastOnly.training)?.kind, figureInUse(lastOnly.training)],
    ["last", undefined],
  );
  assert.is(lastOnly.training.last?.fileName, "last.safetensors");
  const withBest = await drop(lastOnly, 10, false, "best.safetensors");
  const used = networkInUse(withBest.training);
  assert.equal([used?.kind, used?.checkpoint.figures?.wrongPixels], ["best", 0.1]);
  const other = await drop(
    await drop(empty, 10, false, "best.safetensors"),
    30,
    true,
    "last.safetensors",
  );
  assert.equal([other.training.best?.step, other.training.last?.step], [10, 30]);
});

test("the commands predict images with labels and images without", () => {
  const inputs = (of: Project) =>
    predictCommands(of, 0.5).map((line) => /--input (\S+)/.exec(line)?.[1].split("/").at(-1));
  assert.equal(inputs(project), ["images", "unlabelled"]);
  assert.equal(inputs({ ...project, images: project.images.slice(0, 10) }), ["images"]);
  assert.equal(inputs({ ...project, images: project.images.slice(10) }), ["unlabelled"]);
  assert.match(
    predictCommands({ ...project, training: { ...training, best: undefined } }, 0.5)[0],
    /last\.safetensors/,
  );
});

test("the commands name the validation images if the default choice would differ", () => {
  const training = project.images.map((image) => ({ ...image, role: "training" as const }));
  assert.is(commandNote(project), undefined);
  assert.match(String(commandNote({ ...project, images: training })), /the last fifth/);
  const one = { ...project, images: [training[0], training[11]] };
  assert.match(String(commandNote(one)), /label a second image/);
});

test("the app's pictures are those of the command line for the same network", () => {
  const [width, height] = [9, 7];
  const raw = {
    width,
    height,
    channels: 1,
    maximum: 255,
    data: new Uint8Array(width * height).map((_, i) => i),
  };
  const image = { ...raw, data: Float32Array.from(raw.data, (value) => value / 255) };
  for (const classes of [2, 3]) {
    const probabilities = new Float32Array(classes * width * height).map(
      (_, i) => ((i * 37) % 11) / 11,
    );
    const predicted = { width, height, classes, probabilities };
    const indices = predictedClasses(probabilities, classes, 0.5);
    const { colours } = classLegend({ classes });
    const { files } = encodePrediction(
      { image, ...predicted, indices, colours },
      PREDICTION_OUTPUTS,
      "a",
    );
    const request = {
      name: "a",
      raw,
      prediction: predicted,
      threshold: 0.5,
      classes: usualClasses(classes),
    };
    const own = (["mask", "overlay"] as const).flatMap((kind) =>
      predictionFiles({ ...request, kind }),
    );
    assert.ok(own.length >= classes);
    for (const { path, bytes } of own) {
      const expected = decodePng(files.get(path) as Uint8Array, path);
      assert.equal(decodePng(bytes, path).data, expected.data, path);
    }
  }
});

test("more objects than fit 16 bits are numbered in 32", async () => {
  const side = 520;
  const cell = new Float32Array(side * side).map((_, i) =>
    Number((i % side) % 2 === 0 && Math.floor(i / side) % 2 === 0),
  );
  const probabilities = new Float32Array(2 * side * side);
  probabilities.set(cell, side * side);
  const raw = {
    width: side,
    height: side,
    channels: 1,
    maximum: 255,
    data: new Uint8Array(side * side),
  };
  const of = {
    prediction: { width: side, height: side, classes: 2, probabilities },
    threshold: 0.5,
  };
  const request = { kind: "components", name: "a", raw, ...of, classes: usualClasses(2) } as const;
  const [{ path, bytes }] = predictionFiles(request);
  assert.is(path, "a-components.tif");
  const opened = await openImage(new Blob([bytes as Uint8Array<ArrayBuffer>]), path);
  const { data } = await opened.page(0);
  assert.is(data[(side - 2) * side + side - 2], 260 * 260);
});

test.run();
