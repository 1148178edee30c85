import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { MemoryError } from "../../src/gpu/errors.js";
import { withProposals } from "../../src/gpu/with-proposals.js";
import { createPredictor, modelConfig, trainingConfig } from "../../src/index.js";
import { createModel } from "../../src/model/architectures.js";
import {
  predictionMemory,
  predictionRefusal,
  trainingMemory,
  trainingRefusal,
} from "../../src/train/memory-report.js";
import { createTrainer } from "../../src/train/step.js";
import { syntheticCheckpoint } from "../browser/canvas-checkpoint.js";
import { testDevice } from "../device.js";

const model = modelConfig({ base: 4, depth: 2, channels: 1, classes: 2 });
const options = trainingConfig({ tile: 92, batch: 4, steps: 1 });

/** The device as if it had this much memory. */
const holding = (device: Device, memoryBytes: number): Device => ({ ...device, memoryBytes });

/** Limits as a plain object. */
function bindable(limits: GPUSupportedLimits): GPUSupportedLimits {
  const values: Record<string, unknown> = {};
  for (const name in limits) values[name] = limits[name as keyof GPUSupportedLimits];
  return values as unknown as GPUSupportedLimits;
}

/** The error of a trainer, with what it proposes. */
async function refusal(device: Device, given: typeof options): Promise<MemoryError> {
  try {
    (await createTrainer(device, model, given)).close();
  } catch (error) {
    assert.instance(error, MemoryError);
    return error as MemoryError;
  }
  throw new Error("it fits");
}

test("a training that needs more memory than there is is refused with smaller ones that fit", async () => {
  const device = await testDevice();
  const { total } = trainingMemory(device, model, options).bytes;
  const few = holding(device, Math.floor(total * 0.6));
  const { message, proposals, isForeseen } = await refusal(few, options);
  assert.ok(isForeseen);
  assert.match(
    message,
    /^plan [\w ]+, with .* \[[\d,]+\], needs \d+ bytes, but this adapter has \d+: use a smaller tile, batch or base width, such as batch 2 with accumulate 2 \([\d.]+ GB\), or tile \d+ \([\d.]+ GB\)$/,
  );
  assert.equal(proposals[0].changes, { batch: 2, accumulate: 2 });
  for (const { changes, bytes } of proposals) {
    const { total } = trainingMemory(device, model, { ...options, ...changes }).bytes;
    assert.ok(Math.abs(bytes / total - 1) < 0.01, `${bytes}, not ${total}`);
    const trainer = await createTrainer(few, model, { ...options, ...changes });
    trainer.close();
  }
  // The next larger tile does not fit.
  const { tile } = proposals[1].changes as { tile: number };
  const { gridStep } = createModel(model);
  await refusal(few, { ...options, tile: tile + gridStep });
});

test("the refusal is known before anything is created", async () => {
  const device = await testDevice();
  assert.is(await trainingRefusal(device, model, options), undefined);
  assert.is(await predictionRefusal(device, model), undefined);
  const { total } = trainingMemory(device, model, options).bytes;
  const few = holding(device, Math.floor(total * 0.6));
  const { message, proposals } = await refusal(few, options);
  const foreseen = await trainingRefusal(few, model, options);
  assert.is(foreseen?.message, message);
  assert.equal(foreseen?.proposals, proposals);
  const [{ changes }] = (await predictionRefusal(holding(device, 1e6), model))?.proposals ?? [];
  assert.is(
    await predictionRefusal(holding(device, 1e6), model, changes.tile as number),
    undefined,
  );
});

test("weights that the adapter cannot bind call for a narrower network, not for a smaller tile", async () => {
  const device = await testDevice();
  const { limits } = device.gpu;
  const gpu = new Proxy(device.gpu, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === "limits") return { ...bindable(limits), maxStorageBufferBindingSize: 150_000 };
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const wide = modelConfig({ base: 16, depth: 2, channels: 1, classes: 2 });
  const small = { ...options, tile: createModel(wide).inputFor(1), batch: 1, recompute: true };
  const error = await trainingRefusal({ ...device, gpu }, wide, small);
  assert.match(
    error?.message ?? "",
    /^the parameters need \d+ bytes, but this adapter binds at most 150000/,
  );
  assert.equal(
    error?.proposals.map(({ changes }) => changes),
    [{ base: 8 }],
  );
});

test("a narrower network is proposed only if nothing else fits, and nothing if nothing fits", async () => {
  const device = await testDevice();
  const smallest = { ...options, batch: 1, tile: createModel(model).inputFor(1), recompute: true };
  const { total } = trainingMemory(device, model, smallest).bytes;
  const narrow = await refusal(holding(device, Math.floor(total * 0.4)), smallest);
  assert.equal(
    narrow.proposals.map(({ changes }) => changes),
    [{ base: 2 }],
  );
  const none = await refusal(holding(device, 1000), smallest);
  assert.equal(none.proposals, []);
  assert.match(none.message, /use a smaller tile, batch or base width$/);
});

test("memory that runs out on the GPU is answered with what takes less", async () => {
  const given = new MemoryError("plan training step: the GPU is out of memory");
  const search = {
    options: { tile: 92, batch: 8 },
    model: createModel(model),
    bytesOf: async ({ batch = 8, tile = 92 }: Readonly<Record<string, number | boolean>>) =>
      Number(batch) * Number(tile) ** 2 * 1e4,
  };
  const error = (await withProposals(given, search)) as MemoryError;
  assert.is(
    error.message,
    "plan training step: the GPU is out of memory; what takes less memory: batch 4 with accumulate 2 (0.34 GB), or tile 76 (0.46 GB)",
  );
  const large = { ...search, options: { tile: 92, batch: 2 } };
  const bytesOf = async ({ batch = 2, tile = 92 }: Readonly<Record<string, number | boolean>>) => {
    if (batch === 2 || Number(tile) > 76) throw new Error("too large");
    return 1e9;
  };
  const foreseen = new MemoryError("too large", { isForeseen: true });
  const both = (await withProposals(foreseen, { ...large, bytesOf })) as MemoryError;
  assert.equal(
    both.proposals.map(({ changes }) => changes),
    [{ batch: 1, accumulate: 2, tile: 76 }],
  );
  const other = new Error("other");
  assert.is(await withProposals(other, search), other);
});

test("a prediction that needs too much memory is refused with a tile that fits", async () => {
  const device = await testDevice();
  const checkpoint = syntheticCheckpoint(1, 2);
  const { model: config } = checkpoint.metadata;
  const { total } = predictionMemory(device, config, 124).bytes;
  const few = holding(device, Math.floor(total * 0.6));
  const predictor = await createPredictor(few, checkpoint, { tile: 124 });
  const data = new Float32Array(200 * 200);
  const image = { width: 200, height: 200, channels: 1, data };
  try {
    await predictor.predict(image, "image");
    assert.unreachable();
  } catch (error) {
    assert.instance(error, MemoryError);
    const [{ changes }] = (error as MemoryError).proposals;
    const smaller = await createPredictor(few, checkpoint, { tile: changes.tile as number });
    await smaller.predict(image, "image");
    smaller.close();
  }
  predictor.close();
});

test.run();
