// Networks of other programs, and those that come with the app: dropped, predicted with, trained further.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createAsking } from "../../app/src/commands/asking.js";
import { createNetworkExports } from "../../app/src/commands/network-exports.js";
import { createProjects } from "../../app/src/commands/projects.js";
import { createTraining } from "../../app/src/commands/training.js";
import type { Engine } from "../../app/src/engine/client.js";
import { openingTrain } from "../../app/src/engine/jobs.js";
import type { Reply, TrainJob } from "../../app/src/engine/messages.js";
import { networkOfRun } from "../../app/src/engine/network-of-run.js";
import { exportPackageOn, testPackageOn } from "../../app/src/engine/package-work.js";
import { predictOn, trainOn } from "../../app/src/engine/work.js";
import { fileWork } from "../../app/src/files/work.js";
import { decodeNetwork, isImported } from "../../app/src/networks/decode-network.js";
import { trainCommand } from "../../app/src/outputs/command.js";
import { drawSample, sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { startingFrom } from "../../app/src/state/starting.js";
import { createStore } from "../../app/src/state/store.js";
import { unzipProject, zipProject } from "../../app/src/storage/project-zip.js";
import { readZip, writeZip } from "../../src/formats/zip.js";
import { exportOnnx, onnxNetwork } from "../../src/interchange/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { onnxBytes } from "../interchange/onnx-bytes.js";
import { smallOnnx } from "../interchange/small-onnx.js";
import { untrained } from "../interchange/untrained.js";

const sample = await sampleProject("sample-1");
const onnx = onnxBytes(smallOnnx);
const file = (path: string, bytes: Uint8Array) => {
  return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
};

/** An .npy file of zeros. */
function npyOfZeros(shape: readonly number[]): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const header = new TextEncoder().encode(`\x93NUMPY\x01\0??${text.padEnd(117)}\n`);
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0);
  const count = shape.reduce((product, size) => product * size, 1);
  return Uint8Array.of(...start, ...header.subarray(-118), ...new Uint8Array(4 * count));
}

const description = `
format_version: 0.4.9
type: model
name: Small
inputs: [{name: raw, axes: bcyx, preprocessing: [{name: scale_linear, kwargs: {axes: xy, gain: 0.01}}]}]
outputs: [{name: out, axes: bcyx}]
test_inputs: [in.npy]
test_outputs: [out.npy]
weights: {onnx: {source: w.onnx, opset_version: 12}}
`;
const zipped = writeZip([
  { path: "small/rdf.yaml", bytes: new TextEncoder().encode(description) },
  { path: "small/w.onnx", bytes: onnx },
  { path: "small/in.npy", bytes: npyOfZeros([1, 1, 8, 8]) },
  { path: "small/out.npy", bytes: npyOfZeros([1, 2, 8, 8]) },
]);

/** The project after files were dropped on it. */
async function dropped(files: readonly ReturnType<typeof file>[], into?: Project) {
  const store = createStore();
  const { ask } = createAsking(store);
  const tested: string[] = [];
  const device = await testDevice();
  const { addFiles } = createProjects(store, {
    draw: drawSample,
    files: fileWork,
    autosave: undefined,
    ask,
    testPackage(blob, name) {
      tested.push(name);
      return testPackageOn(device, blob, name);
    },
  });
  if (into) store.dispatch({ type: "open", project: into, page: "images" });
  await addFiles(files);
  return { store, tested, project: () => store.state.peek().project as Project };
}

test("a dropped ONNX file becomes the network of the project: it predicts and is trained further", async () => {
  const { store, project } = await dropped([file("cells.onnx", onnx)], sample);
  const { best, last } = project().training;
  assert.equal([best?.fileName, best?.step, last], ["cells.onnx", 0, undefined]);
  const texts = store.state.peek().notices.flatMap(({ text, items }) => items ?? [text]);
  assert.match(texts.join("\n"), /^cells\.onnx: the file ends without an activation/m);
  const bytes = best?.bytes ?? new Uint8Array();
  assert.ok(isImported(bytes));
  const device = await testDevice();
  const { signal } = new AbortController();
  const [image] = project().images;
  const job = { name: image.name, raw: image.raw, checkpoint: bytes };
  const { prediction } = await predictOn(device, job, () => {}, signal);
  assert.equal([prediction.width, prediction.classes], [256, 2]);

  const settings = { ...project().settings, steps: 2, validateEvery: 2, tile: 43 };
  const small: Project = { ...project(), settings, images: project().images.slice(6, 9) };
  const train = async (state: Project, from?: Uint8Array) => {
    const opened = reduce(INITIAL, { type: "open", project: state, page: "train" });
    const kept: Partial<Record<"best" | "last", Extract<Reply, { type: "checkpoint" }>>> = {};
    await trainOn(device, openingTrain(opened, from), signal, (reply) => {
      if (reply.type === "checkpoint") kept[reply.kind] = reply;
    });
    return kept;
  };
  const first = await train(small, bytes);
  assert.is(first.last?.step, 2);
  const { metadata } = await decodeNetwork(first.last?.bytes ?? bytes, "last");
  assert.is(metadata.model.architecture, "onnx");
  assert.is(metadata.training?.tile, 44, "the nearest tile that the network takes");
  const training = { ...small.training, best: first.best, last: first.last };
  const goesOn = await train({ ...small, training: { ...training, best: undefined } });
  assert.is(goesOn.last?.step, 4, "its run continues with the optimiser's state");
  const again = await unzipProject(await zipProject(small, fileWork), "p.zip", fileWork);
  assert.equal(again.project.training.best?.bytes, bytes, "a stored project has it");
});

test("weights of PyTorch's programs in safetensors are told from checkpoints by their header", async () => {
  const own = encodeSafetensors(untrained({ base: 2, depth: 1 }));
  assert.equal((await fileWork.readNetwork(new Blob([own as never]), "a.safetensors")).bytes, own);
  const header = '{"conv.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  const foreign = Uint8Array.of(header.length, 0, 0, 0, 0, 0, 0, 0);
  const bytes = Uint8Array.of(...foreign, ...new TextEncoder().encode(header), 0, 0, 0, 0);
  const { store } = await dropped([file("b.safetensors", bytes)], sample);
  assert.match(store.state.peek().notices[0].text, /^b\.safetensors was skipped: .+\.$/);
  const cut = await dropped([file("c.safetensors", own.subarray(0, 300))], sample);
  assert.match(cut.store.state.peek().notices[0].text, /^c\.safetensors was skipped: truncated/);
});

test("an ONNX file and the files of its weights are chosen together, in any order; one that is missing is named", async () => {
  const own = untrained({ base: 2, depth: 1 });
  const weights = encodeSafetensors(own);
  const model = (location: string) =>
    exportOnnx(own, { weightsIn: { location, bytes: weights } }).bytes;
  const numbers = (project: Project) =>
    decodeSafetensors(project.training.best?.bytes ?? weights, "got", { models: [onnxNetwork] });
  const wanted = own.tensors.get("encoder1.conv1.weight");
  const given = [
    [file("cells.onnx", model("cells.onnx.data")), file("cells.onnx.data", weights)],
    [file("best.safetensors", weights), file("cells.onnx", model("best.safetensors"))],
    [file("cells.bin", weights), file("cells.onnx", model("run/cells.bin"))],
    [file("lab/run/cells.bin", weights), file("lab/cells.onnx", model("./run/cells.bin"))],
  ];
  for (const files of given) {
    const { store, project } = await dropped(files);
    assert.is(project().training.best?.fileName, "cells.onnx");
    assert.equal(numbers(project()).tensors.get("encoder1.conv1.weight"), wanted);
    const warned = store.state.peek().notices.filter(({ kind }) => kind !== "info");
    assert.equal(warned, []);
  }
  assert.is((await dropped(given[0])).project().name, "cells");

  const refused = async (...files: readonly ReturnType<typeof file>[]) => {
    const { store, project } = await dropped(files, sample);
    assert.ok(project() === sample);
    return store.state.peek().notices.flatMap(({ text, items }) => items ?? [text])[0];
  };
  assert.is(
    await refused(given[0][0]),
    "cells.onnx was skipped: its weights are in another file, cells.onnx.data: choose cells.onnx and " +
      "cells.onnx.data together.",
  );
  assert.match(
    await refused(given[0][0], file("cells.onnx.data", weights.subarray(0, 900))),
    /^cells\.onnx was skipped: its weights go to byte \d+ of cells\.onnx\.data, which has 900 bytes\.$/,
  );
});

test("damaged files of other programs are skipped in one sentence each", async () => {
  const files = ["a.onnx", "b.pt", "c.pth", "d.bin"].map((path) => file(path, onnx.slice(0, 99)));
  const { store, project } = await dropped(files, sample);
  const [notice, ...others] = store.state.peek().notices;
  assert.equal(others, []);
  assert.is(notice.items?.length, 4);
  for (const [i, text] of (notice.items ?? []).entries()) {
    assert.match(text, new RegExp(`^${files[i].path} was skipped: [^\\n]+\\.$`));
  }
  assert.ok(project() === sample);
});

test("a package of the zoo is opened instead of a project, and its test is run", async () => {
  const { store, tested, project } = await dropped([file("small.zip", zipped)]);
  assert.equal(
    store.state.peek().notices.filter(({ kind }) => kind !== "info"),
    [],
  );
  assert.equal([project().name, project().training.best?.fileName], ["small", "small.zip"]);
  const { metadata } = await decodeNetwork(project().training.best?.bytes ?? zipped, "the network");
  assert.is(metadata.normalisation.kind, "statistics", "as the package says");
  assert.equal(tested, ["small.zip"]);
  const said = () => store.state.peek().notices.find(({ text }) => /its test/.test(text));
  for (let waited = 0; !said() && waited < 400; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(
    said()?.text ?? "",
    /^small\.zip: its test differs here by up to \d\.\de[+-]\d+ \(not passed: the package allows 0\.001/,
  );
});

test("the network is exported as ONNX, for PyTorch, and as a package that passes its test", async () => {
  const network = encodeSafetensors(untrained({ base: 2, depth: 2 }));
  const onnxFile = await fileWork.exportedNetwork(network, "onnx");
  assert.match(
    onnxFile.use,
    /^it takes images \[N, 1, H, W\] whose sides are multiples of 4, at le/,
  );
  const back = await fileWork.readNetwork(new Blob([onnxFile.bytes as never]), "back.onnx");
  assert.ok(isImported(back.bytes));
  const python = await fileWork.exportedNetwork(network, "pytorch");
  const inside = Object.keys(readZip(python.bytes, python.path)).sort();
  assert.equal(inside, ["network.py", "network.safetensors"]);

  const device = await testDevice();
  const [{ name, raw }] = sample.images;
  const fields = { name: "Small cells", author: "Ada Lovelace", licence: "MIT" };
  const job = { checkpoint: network, fields, image: raw, imageName: name };
  const { bytes, path, use } = await exportPackageOn(device, job);
  assert.match(use, /^the image synthetic-01 is its test/);
  const test = await testPackageOn(device, new Blob([bytes as never]), path);
  assert.ok(test.passed && test.worst < 1e-4, `${test.worst}`);
  const nameless = exportPackageOn(device, { ...job, fields: { ...fields, name: "abc" } });
  assert.match(await rejectionOf(nameless), /^the name is "abc", expected 5 to 64 letters/);
});

test("downloads of the network say how they are used, and errors become messages", async () => {
  const store = createStore();
  const best = { bytes: onnx, step: 3, fileName: "a" };
  const training = { ...sample.training, best };
  store.dispatch({ type: "open", project: { ...sample, training }, page: "export" });
  const files = {
    checkpoint: async (bytes: Uint8Array) => bytes,
    exportedNetwork: async () => Promise.reject(new Error("an op has no form")),
  };
  const jobs: unknown[] = [];
  const engine = {
    async exportPackage(job: unknown) {
      jobs.push(job);
      throw new Error("the name is short");
    },
  } as unknown as Engine;
  const { takeOnnx, takePackage } = createNetworkExports(store, files, engine);
  await takeOnnx();
  const texts = () => store.state.peek().notices.map(({ kind, text }) => `${kind}: ${text}`);
  assert.equal(texts(), ["error: The network was not exported: an op has no form."]);
  const fields = { name: "A", author: "B", licence: "MIT" };
  await takePackage(fields);
  assert.equal(texts(), ["error: The network was not exported: the name is short."]);
  const [{ name, raw }] = sample.images.filter(({ role }) => role === "validation");
  assert.equal(jobs, [{ checkpoint: onnx, fields, image: raw, imageName: name }]);
});

test("a network of another program keeps its layers, one of Micrograph gets new ones", async () => {
  const { bytes } = await fileWork.readNetwork(new Blob([onnx as never]), "a.onnx");
  const imported = await decodeNetwork(bytes, "a.onnx");
  const config = openingTrain(reduce(INITIAL, { type: "open", project: sample, page: "train" }));
  const of = (checkpoint: typeof imported, changes: Parameters<typeof modelConfig>[0]) =>
    networkOfRun(checkpoint, modelConfig(changes), config.config);
  assert.match(
    messageOf(() => of(imported, { classes: 3 })),
    /^The network has 2 classes and the project 3: the layers of a network of another program stay/,
  );
  const { model } = of(untrained({ base: 3, depth: 1, norm: "batch" }), { classes: 3, base: 16 });
  const { base, norm, classes } = model.config as Record<string, unknown>;
  assert.equal([base, norm, classes], [3, "batch", 3]);
});

test("a run starts from a network that comes with the app, which is fetched then", async () => {
  const bytes = encodeSafetensors(untrained({ base: 8, depth: 3, norm: "batch" }));
  const project = startingFrom(sample, "nuclei");
  assert.equal([project.settings.base, project.settings.depth], [8, 3]);
  assert.match(trainCommand(project), / --from nuclei /);
  assert.not.match(trainCommand(project), /--base|--depth/);
  const stored = await unzipProject(await zipProject(project, fileWork), "p.zip", fileWork);
  assert.is(stored.project.startFrom, "nuclei");
  assert.is(startingFrom(project, undefined).startFrom, undefined);

  const started = async (fetchStart: () => Promise<Uint8Array>) => {
    const store = createStore();
    store.dispatch({ type: "open", project, page: "train" });
    const jobs: TrainJob[] = [];
    const engine = { train: (job: TrainJob) => void jobs.push(job) } as Partial<Engine> as Engine;
    createTraining(store, engine, { fetchStart }).train();
    const { kind } = store.state.peek().run;
    await new Promise((resolve) => setTimeout(resolve));
    const { run, notices } = store.state.peek();
    return { jobs, kinds: [kind, run.kind], texts: notices.map(({ text }) => text) };
  };
  const { jobs, kinds } = await started(async () => bytes);
  assert.equal([jobs.length, jobs[0].from === bytes, kinds], [1, true, ["preparing", "preparing"]]);
  const failed = await started(() => Promise.reject(new Error("no connection")));
  assert.equal(failed.jobs, []);
  assert.equal([failed.kinds, failed.texts], [["preparing", "idle"], ["no connection"]]);
});

test("the demo opens nuclei with a trained network, and segments an image that nobody labelled", async () => {
  const store = createStore();
  const segmented: (readonly string[])[] = [];
  const { openDemo } = createProjects(store, {
    draw: drawSample,
    files: fileWork,
    autosave: undefined,
    fetchStart: async () => encodeSafetensors(untrained({ base: 8, depth: 3 })),
    segment: async (names) => void segmented.push(names),
  });
  await openDemo();
  const { project, page, view } = store.state.peek();
  assert.equal([project?.name, page, view.image], ["Nuclei", "segment", "nuclei-21"]);
  assert.is(project?.training.best?.fileName, "nuclei");
  assert.equal(segmented, [["nuclei-21"]]);
});

test.run();
