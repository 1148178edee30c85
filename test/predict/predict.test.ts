import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Image } from "../../src/data/image-types.js";
import { cutTile } from "../../src/data/mirror.js";
import { normalise } from "../../src/data/normalise.js";
import { fromSymmetricView, symmetricView } from "../../src/data/symmetric-views.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import type { Model } from "../../src/model/model.js";
import { initialValues, parameterTensors, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { unetVariant } from "../../src/model/unet-variant.js";
import { softmax } from "../../src/ops/index.js";
import { createPredictor } from "../../src/predict/predict.js";
import { tileOrigins } from "../../src/predict/tiling.js";
import { modelConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { noise, relativeError } from "../numbers.js";

const model = unet(modelConfig({ base: 2, depth: 2 }));
const flat = initialValues(model.parameters, 9);
const checkpoint = checkpointOf(model);

function checkpointOf({ parameters, config }: Model): Checkpoint {
  const values = initialValues(parameters, 9);
  return {
    tensors: new Map(
      parameters.list.map((parameter) => [
        parameter.name,
        { shape: parameter.shape, data: slice(parameter, values) },
      ]),
    ),
    metadata: { model: config, normalisation: { kind: "image" } },
  };
}

function picture(width: number, height: number): Image {
  return { width, height, channels: 1, data: noise(width * height, width).map((v) => v / 2 + 0.5) };
}

/** Probabilities of one pass over the whole image, mirrored at its borders. */
async function onePass(
  image: Image,
  model: Model,
  flat: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const device = await testDevice();
  const size = model.inputFor(Math.max(image.width, image.height));
  const x = input("image", [1, 1, size, size]);
  const y = softmax(model.logits(x, parameterTensors(model.parameters)));
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flat);
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "one pass", outputs: [y], states });
  const margin = (size - model.outputSize(size)) / 2;
  const area = { x: -margin, y: -margin, width: size, height: size };
  plan.run({ image: cutTile(normalise(image), area) });
  const out = await plan.read(y);
  plan.close();
  state.close();
  const side = model.outputSize(size);
  return Float32Array.from({ length: 2 * image.width * image.height }, (_, i) => {
    const x = i % image.width;
    const row = Math.floor(i / image.width);
    return out[(Math.floor(row / image.height) * side + (row % image.height)) * side + x];
  });
}

test("one tile of the whole image has its statistics, whatever its size", async () => {
  const device = await testDevice();
  const normed = unetVariant(modelConfig({ base: 2, depth: 2, norm: "instance" }));
  const image = picture(540, 37); // larger than what is predicted in one pass by default
  const whole = await onePass(image, normed, initialValues(normed.parameters, 9));
  const predicted = async (tile: number | "image") => {
    using predictor = await createPredictor(device, checkpointOf(normed), { tile });
    const { origins, release } = await predictor.tiles(image, "image");
    release();
    return { count: origins.length, ...(await predictor.predict(image, "image")) };
  };
  const [one, many] = [await predicted("image"), await predicted(140)];
  assert.is(one.count, 1);
  assert.ok(relativeError(one.probabilities, whole) < 1e-5);
  assert.ok(relativeError(many.probabilities, whole) > 1e-3, "tiles have statistics of their own");
});

test("tiled prediction equals the whole-image prediction within 1e-5, at odd sizes too", async () => {
  const device = await testDevice();
  for (const [width, height, tile] of [
    [64, 64, 60],
    [97, 53, 60],
    [41, 120, 76],
    [3, 5, 44],
  ]) {
    const image = picture(width, height);
    const whole = await onePass(image, model, flat);
    const predictor = await createPredictor(device, checkpoint, { tile });
    const { probabilities } = await predictor.predict(image, "image");
    predictor.close();
    assert.is(probabilities.length, whole.length);
    const off = probabilities.reduce((most, p, i) => Math.max(most, Math.abs(p - whole[i])), 0);
    assert.ok(off <= 1e-5, `${width} x ${height} by tiles of ${tile}: off by ${off}`);
  }
});

test("a closed predictor reports that it is closed, and the device continues", async () => {
  const device = await testDevice();
  const predictor = await createPredictor(device, checkpoint);
  const early = predictor.predict(picture(20, 20), "early");
  predictor.close();
  const late = predictor.predict(picture(20, 20), "late");
  for (const outcome of await Promise.allSettled([early, late])) {
    const message = outcome.status === "rejected" ? outcome.reason.message : "predicted";
    assert.match(message, /^(early|late) cannot be predicted: the predictor is closed$/);
  }
  const another = await createPredictor(device, checkpoint);
  assert.is((await another.predict(picture(20, 20), "next")).probabilities.length, 800);
  another.close();
});

test("closing is the error that a prediction reports, whatever the closing breaks", async () => {
  const device = await testDevice();
  const { pipelines } = device;
  // Like wgpu, which refuses bind groups of destroyed buffers, unlike Dawn.
  const get: typeof pipelines.get = async (...wanted) => {
    const made = await pipelines.get(...wanted);
    if (isClosed) throw new Error("Buffer with 'parameters' label has been destroyed");
    return made;
  };
  let isClosed = false;
  const refusing = { ...device, pipelines: { ...pipelines, get } };
  const closed = await createPredictor(refusing, checkpoint);
  const compiling = closed.predict(picture(20, 20), "compiling");
  closed.close();
  isClosed = true;
  const message = "cannot be predicted: the predictor is closed";
  assert.is(await rejectionOf(compiling), `compiling ${message}`);
  const tiles: number[] = [];
  const tiled = await createPredictor(device, checkpoint, {
    tile: 44,
    onTile(done) {
      tiles.push(done);
      if (done === 2) tiled.close();
    },
  });
  assert.is(await rejectionOf(tiled.predict(picture(90, 20), "tiled")), `tiled ${message}`);
  assert.ok(tiles.length < 4, `tiles ${tiles}`);
  device.check();
});

test("the mean over symmetries is that of the views, and eight of them turn with the image", async () => {
  const device = await testDevice();
  const image = picture(29, 22);
  const plain = await createPredictor(device, checkpoint);
  for (const symmetries of [4, 7, 8]) {
    const mean = new Float64Array(2 * 29 * 22);
    for (let index = 0; index < symmetries; index++) {
      const view = await plain.predict({ ...symmetricView(image, index), channels: 1 }, "view");
      const { data } = fromSymmetricView({ ...view, channels: 2, data: view.probabilities }, index);
      for (const [i, value] of data.entries()) mean[i] += value / symmetries;
    }
    const predictor = await createPredictor(device, checkpoint, { symmetries });
    const { width, height, probabilities } = await predictor.predict(image, "image");
    assert.equal([width, height], [29, 22]);
    assert.ok(relativeError(probabilities, mean) < 1e-6, `${symmetries} views`);
    if (symmetries !== 7) {
      const turned = symmetricView(image, 1);
      const other = await predictor.predict({ ...turned, channels: 1 }, "turned");
      const data = { ...other, channels: 2, data: other.probabilities };
      const back = fromSymmetricView(data, 1).data;
      assert.ok(relativeError(back, probabilities) < 1e-5, "turns with the image");
    }
    predictor.close();
  }
  plain.close();
  for (const symmetries of [0, 9, 2.5]) {
    const message = await rejectionOf(createPredictor(device, checkpoint, { symmetries }));
    assert.match(message, `symmetries: got ${symmetries}, expected a whole number from 1 to 8`);
  }
});

test("probabilities of all classes add up to 1 in every pixel", async () => {
  const device = await testDevice();
  const predictor = await createPredictor(device, checkpoint);
  const { probabilities } = await predictor.predict(picture(33, 20), "image");
  predictor.close();
  for (let i = 0; i < 33 * 20; i++) {
    assert.ok(Math.abs(probabilities[i] + probabilities[660 + i] - 1) < 1e-6);
  }
});

test("tiles cover every pixel and are on the pooling grid", () => {
  for (const [width, height, output, grid] of [
    [512, 512, 388, 16],
    [513, 100, 100, 16],
    [20, 20, 20, 16],
    [1, 700, 36, 8],
  ]) {
    const covered = new Uint8Array(width * height);
    for (const { x, y } of tileOrigins({ width, height }, output, grid)) {
      assert.is(x % grid, 0);
      assert.is(y % grid, 0);
      for (let i = y; i < Math.min(height, y + output); i++) {
        covered.fill(1, i * width + x, i * width + Math.min(width, x + output));
      }
    }
    assert.ok(
      covered.every((value) => value === 1),
      `${width} x ${height}`,
    );
  }
  assert.throws(() => tileOrigins({ width: 40, height: 40 }, 4, 16), "must be at least 16");
});

test("an image of other channels and a checkpoint of another model are explained", async () => {
  const device = await testDevice();
  const predictor = await createPredictor(device, checkpoint);
  const colour = { ...picture(8, 8), channels: 3, data: noise(192, 1) };
  try {
    await predictor.predict(colour, "colour.png");
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      "colour.png has 3 channels, but the model was trained on 1",
    );
  }
  predictor.close();
  const wider = { ...checkpoint.metadata, model: modelConfig({ base: 4, depth: 2 }) };
  try {
    await createPredictor(device, { ...checkpoint, metadata: wider });
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      "encoder1.conv1.weight is [2,1,3,3], but the model expects",
    );
  }
});

test.run();
