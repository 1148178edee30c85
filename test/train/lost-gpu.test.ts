// What becomes of work when the GPU is lost: the results are those of work that was not disturbed.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { useDevice } from "../../src/gpu/request-device.js";
import { tune } from "../../src/gpu/tune.js";
import { input } from "../../src/graph/tensor.js";
import { openDevice } from "../../src/node/open-device.js";
import { relu } from "../../src/ops/index.js";
import { createPredictor } from "../../src/predict/predict.js";
import { predictTiles } from "../../src/predict/predict-tiles.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint, TrainingEvent } from "../../src/train/training-types.js";
import { rejectionOf } from "../errors.js";
import { many } from "../gpu/many-op.js";

const sampleOf = (seed: number) => {
  return { name: `cells ${seed}`, ...syntheticSample({ seed, width: 64, height: 64 }) };
};
const [held, ...training] = [1, 2, 3].map(sampleOf);
const STEPS = 9;

interface Run {
  readonly checkpoints: readonly (readonly [kind: string, step: unknown, tensors: unknown])[];
  readonly events: readonly TrainingEvent[];
}

/** A run on a device of its own, on which `onEvent` may lose it. */
async function trained(
  onEvent: (event: TrainingEvent, device: Device) => void = () => {},
  more: Partial<Parameters<typeof train>[4]> = {},
): Promise<Run> {
  const device = await openDevice();
  const events: TrainingEvent[] = [];
  const checkpoints: Run["checkpoints"][number][] = [];
  try {
    await train(
      device,
      { training, validation: [held] },
      modelConfig({ base: 2, depth: 1, dropout: 0.2 }),
      trainingConfig({ tile: 28, steps: STEPS, validateEvery: 3, ema: 0.9 }),
      {
        ...more,
        onEvent(event) {
          events.push(event);
          onEvent(event, device);
        },
        onCheckpoint(kind, { metadata, tensors }) {
          checkpoints.push([kind, metadata.progress?.step, [...tensors]]);
        },
      },
    );
  } finally {
    device.close();
  }
  return { checkpoints, events };
}

/** What does not depend on time. */
const told = ({ events }: Run) =>
  events.filter(({ type }) => type === "step" || type === "validation");

test("a training whose GPU is lost, at the start and after validations, gives the same bits", async () => {
  const whole = await trained();
  const left = [0, 5, 7];
  const lost = await trained((event, device) => {
    const step = event.type === "start" ? 0 : event.type === "step" ? event.step : -1;
    if (step !== left[0]) return;
    left.shift();
    device.gpu.destroy();
  });
  assert.equal(left, []);
  assert.equal(lost.checkpoints, whole.checkpoints);
  assert.equal(told(lost), told(whole));
  const losses = lost.events.flatMap((event) => (event.type === "lost" ? [event.step] : []));
  assert.equal(losses, [0, 3, 6]);
});

test("a state is read between two validations, and passed on if the run fails", async () => {
  const own = Object.getOwnPropertyDescriptor(performance, "now") ?? { value: performance.now };
  let clock = 0;
  // Ten seconds pass between two reads of the clock, whatever the machine does.
  Object.defineProperty(performance, "now", { configurable: true, value: () => (clock += 10_000) });
  const checkpoints: Checkpoint[] = [];
  const device = await openDevice();
  const config = trainingConfig({ tile: 28, steps: 99, validateEvery: 99 });
  const failed = train(
    device,
    { training, validation: [] },
    modelConfig({ base: 2, depth: 1 }),
    config,
    {
      onCheckpoint: (_kind, checkpoint) => void checkpoints.push(checkpoint),
      onEvent(event) {
        if (event.type === "step" && event.step === 20) throw new Error("the disk is full");
      },
    },
  );
  const message = await rejectionOf(failed).finally(() =>
    Object.defineProperty(performance, "now", { ...own, configurable: true, writable: true }),
  );
  device.close();
  assert.is(message, "the disk is full");
  const [step = 0] = checkpoints.map(({ metadata }) => metadata.progress?.step);
  assert.is(checkpoints.length, 1);
  assert.ok(step > 0 && step < 20, `kept after step ${step}`);
});

test("a GPU that is lost again and again without progress ends a training", async () => {
  let losses = 0;
  const run = trained((event, device) => {
    if (event.type !== "start" && event.type !== "lost") return;
    losses++;
    device.gpu.destroy();
  });
  assert.match(await rejectionOf(run), /was lost.*, for the 4th time in a row without progress$/);
  assert.is(losses, 4);
});

/** A checkpoint of random weights. */
async function network(device: Device): Promise<Checkpoint> {
  const config = trainingConfig({ tile: 28, steps: 1 });
  let found: Checkpoint | undefined;
  await train(device, { training, validation: [] }, modelConfig({ base: 2, depth: 1 }), config, {
    onCheckpoint(_kind, checkpoint) {
      found = checkpoint;
    },
  });
  return found as Checkpoint;
}

test("a prediction whose GPU is lost redoes the lost tiles, and no others", async () => {
  const device = await openDevice();
  const checkpoint = await network(device);
  let loseAt = Infinity;
  const onTile = (done: number) => {
    if (done !== loseAt) return;
    loseAt = Infinity;
    device.gpu.destroy();
  };
  for (const symmetries of [1, 2]) {
    const predictor = await createPredictor(device, checkpoint, { tile: 28, symmetries, onTile });
    const whole = await predictor.predict(held.image, held.name);
    const before = device.renewals;
    loseAt = 2;
    assert.equal(await predictor.predict(held.image, held.name), whole);
    assert.is(device.renewals, before + 1);
    // Between two images, too.
    device.gpu.destroy();
    assert.equal(await predictor.predict(held.image, held.name), whole);
    assert.is(device.renewals, before + 2);
    predictor.close();
  }
  const predictor = await createPredictor(device, checkpoint, { tile: 28 });
  const { width, height, data } = held.image;
  const source = {
    ...{ width, height, channels: 1 },
    read: (area: { x: number; y: number; width: number; height: number }) =>
      Float32Array.from({ length: area.width * area.height }, (_, i) => {
        const x = area.x + (i % area.width);
        return data[(area.y + Math.floor(i / area.width)) * width + x];
      }),
  };
  const written = async (lose: number) => {
    const areas: unknown[] = [];
    const write = (area: unknown, planes: Float32Array) => void areas.push([area, planes]);
    await predictTiles(
      predictor,
      source,
      { write },
      {
        onTile: (done) => void (done === lose && device.gpu.destroy()),
      },
    );
    return areas;
  };
  const areas = await written(0);
  const renewals = device.renewals;
  assert.equal(await written(3), areas);
  assert.is(device.renewals, renewals + 1);
  // A sink that fails at the same time gets no tile twice, and its error is the one to see.
  let writes = 0;
  const failing = predictTiles(predictor, source, {
    write() {
      writes++;
      device.gpu.destroy();
      throw new Error("no space left");
    },
  });
  assert.match(await rejectionOf(failing), "no space left");
  assert.is(writes, 1);
  device.close();
});

/** The GPU, which is lost as soon as a plan runs whose name ends like this. */
function dyingOf(gpu: GPUDevice, end: string): GPUDevice {
  const labels = new WeakMap<GPUCommandBuffer, string>();
  const create = gpu.createCommandEncoder.bind(gpu);
  gpu.createCommandEncoder = (descriptor) => {
    const encoder = create(descriptor);
    const finish = encoder.finish.bind(encoder);
    encoder.finish = () => {
      const buffer = finish();
      labels.set(buffer, descriptor?.label ?? "");
      return buffer;
    };
    return encoder;
  };
  const submit = gpu.queue.submit.bind(gpu.queue);
  gpu.queue.submit = (buffers) => {
    if ([...buffers].some((buffer) => labels.get(buffer)?.endsWith(end))) gpu.destroy();
    return submit(buffers);
  };
  return gpu;
}

test("tuning goes on when the GPU is lost, without a kernel that loses it twice", async () => {
  const opened: Device[] = [];
  const reopen = async () => {
    const device = await openDevice();
    opened.push(device);
    return dyingOf(device.gpu, "kernel buffer");
  };
  const device = useDevice(await reopen(), { reopen });
  const outputs = [many(input("x", [1, 8, 20, 20]), ["buffer", "other"])];
  const { layers } = await tune(device, [{ name: "layers", outputs }]);
  const [{ candidates, winner, key }] = layers;
  const buffer = candidates.find(({ kernel }) => kernel === "buffer");
  assert.is(buffer?.dropped, "the GPU was lost twice while it ran");
  assert.ok(candidates.length > 1 && winner !== "buffer");
  assert.is(device.choices.get(key), winner);
  assert.is(device.renewals, 2);
  for (const one of [device, ...opened]) one.close();
});

test("a device of the caller's is opened again by the caller, else a loss is an error", async () => {
  const opened = await openDevice();
  const { gpu } = opened;
  const plain = useDevice(gpu);
  assert.is(plain.isRenewable, false);
  const others: Device[] = [];
  const device = useDevice(gpu, {
    async reopen() {
      const other = await openDevice();
      others.push(other);
      return other.gpu;
    },
  });
  const y = relu(input("x", [2]));
  const plan = await compilePlan(device, { name: "two", outputs: [y] });
  await device.renew(); // nothing is lost
  assert.equal([device.renewals, others.length], [0, 0]);
  gpu.destroy();
  await device.lost;
  await Promise.all([device.renew(), device.renew()]);
  assert.equal([device.renewals, others.length], [1, 1]);
  assert.throws(() => plan.run({ x: [1, -2] }), "plan two is closed");
  const again = await compilePlan(device, { name: "two", outputs: [y] });
  again.run({ x: [1, -2] });
  assert.equal([...(await again.read(y))], [1, 0]);
  await plain.lost;
  assert.match(await rejectionOf(plain.renew()), "the GPU device was lost");
  for (const one of [device, opened, ...others]) one.close();
});

test.run();
