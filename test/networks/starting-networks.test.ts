import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";
import { fetchNetwork } from "../../src/networks/fetch-network.js";
import { STARTING_NETWORKS, type StartingName } from "../../src/networks/starting-networks.js";
import { findCheckpoint, loadCheckpoint } from "../../src/node/checkpoint.js";
import { cellProbability } from "../../src/objects/cells-of-classes.js";
import { matchObjects } from "../../src/objects/match-objects.js";
import { objectFigures } from "../../src/objects/object-figures.js";
import { objectLabels } from "../../src/objects/object-labels.js";
import { separateObjects } from "../../src/objects/separate-objects.js";
import { createPredictor } from "../../src/predict/predict.js";
import type { Prediction } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const folder = fileURLToPath(new URL("../../../networks/", import.meta.url));
const names = Object.keys(STARTING_NETWORKS) as StartingName[];
const fileOf = (name: string) => readFileSync(`${folder}${name}.safetensors`);

/** Seeds of images that no network was trained on: the recipes begin at 50,000. */
const UNSEEN = 9001;
const SIZE = { width: 192, height: 192 };

async function predicted(name: StartingName, images: readonly { image: Image }[]) {
  const predictor = await createPredictor(await testDevice(), await loadCheckpoint(name));
  const predictions: Prediction[] = [];
  for (const { image } of images) predictions.push(await predictor.predict(image, name));
  predictor.close();
  return predictions;
}
type Image = ReturnType<typeof syntheticSample>["image"];

/** The share of the pixels whose most probable class is another than the label's. */
function wrongPixels(predictions: readonly Prediction[], labels: readonly Uint8Array[]): number {
  let wrong = 0;
  let all = 0;
  for (const [i, { classes, probabilities }] of predictions.entries()) {
    for (const [pixel, truth] of labels[i].entries()) {
      let best = 0;
      const at = (c: number) => probabilities[c * labels[i].length + pixel];
      for (let c = 1; c < classes; c++) if (at(c) > at(best)) best = c;
      if (best !== truth) wrong++;
      all++;
    }
  }
  return wrong / all;
}

test("the files are those of the table, of at most 260 kB", () => {
  assert.equal(readdirSync(folder).sort(), names.map((name) => `${name}.safetensors`).sort());
  for (const name of names) {
    const bytes = fileOf(name);
    assert.is(bytes.length, STARTING_NETWORKS[name].bytes, name);
    assert.ok(bytes.length <= 260_000, name);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.is(sha256, STARTING_NETWORKS[name].sha256, name);
  }
});

test("each has the classes of the table, width 8 and depth 3", async () => {
  for (const name of names) {
    const { model, task } = (await loadCheckpoint(name)).metadata;
    const { classNames } = STARTING_NETWORKS[name];
    assert.equal([model.base, model.depth, model.classes], [8, 3, classNames.length], name);
    assert.equal(task?.classNames, classNames, name);
  }
});

// A threshold has 14 % wrong pixels on such images, a network of 300 steps 7 % (docs/results.md).
for (const [name, classes] of [
  ["membranes", 2],
  ["mitochondria", 3],
] as const) {
  test(`${name} are found on images that were not trained on`, async () => {
    const samples = [0, 1].map((i) => syntheticSample({ seed: UNSEEN + i, ...SIZE, classes }));
    const predictions = await predicted(name, samples);
    const labels = samples.map(({ label }) => label.data);
    const wrong = wrongPixels(predictions, labels);
    assert.ok(wrong < 0.07, `${wrong}`);
  });
}

// A threshold with a watershed has an AP50 of 0.42 (docs/results.md).
test("nuclei are found on images that were not trained on, also where they touch", async () => {
  const samples = [0, 1].map((i) => syntheticNuclei({ seed: UNSEEN + i, ...SIZE }));
  const predictions = await predicted("nuclei", samples);
  const { separation, threshold } = (await loadCheckpoint("nuclei")).metadata.task?.objects ?? {};
  const { width, height } = SIZE;
  const matches = samples.map(({ cells }, i) =>
    matchObjects(
      objectLabels(cells, width, height),
      separateObjects(cellProbability(predictions[i], "gap"), { separation, threshold }),
    ),
  );
  const { ap50 } = objectFigures(matches);
  assert.ok(ap50 > 0.75, `${ap50}`);
});

test("a file of that name goes before the network that comes with the package", async () => {
  const error = await rejectionOf(loadCheckpoint("nucleus"));
  assert.match(error, /^nucleus: the checkpoint cannot be read/);
  assert.is(findCheckpoint("nuclei"), "nuclei");
});

test("a page fetches them from a copy of the folder, and another file is refused", async () => {
  const server = createServer(({ url = "" }, response) => {
    const [, name] = /^\/networks\/(\w+)\.safetensors$/.exec(url) ?? [];
    if (name === "membranes") response.end(fileOf("membranes"));
    else if (name === "nuclei") response.end(fileOf("membranes"));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/networks/`;
  try {
    const { tensors } = await fetchNetwork("membranes", address);
    const own = (await loadCheckpoint("membranes")).tensors;
    assert.equal(tensors.get("head.bias"), own.get("head.bias"));
    const other = await rejectionOf(fetchNetwork("nuclei", address));
    assert.match(other, /nuclei\.safetensors: 251388 bytes with the SHA-256 9ca6/);
    const none = await rejectionOf(fetchNetwork("mitochondria", new URL(address)));
    assert.match(none, /mitochondria\.safetensors: the server answered 404, expected/);
  } finally {
    server.close();
  }
});

test.run();
