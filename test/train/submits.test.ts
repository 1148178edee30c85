import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import type { Device } from "../../src/gpu/device.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const sample = { name: "cells", ...syntheticSample({ seed: 1, width: 64, height: 64 }) };
const STEPS = 3;

/** The device, and how many submits it gets. */
function counting(device: Device): { device: Device; count: () => number } {
  let count = 0;
  const queue = new Proxy(device.gpu.queue, {
    get(target, name) {
      if (name === "submit") count++;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const gpu = new Proxy(device.gpu, {
    get(target, name) {
      if (name === "queue") return queue;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { device: { ...device, gpu }, count: () => count };
}

async function run(submits: number | undefined) {
  const { device, count } = counting(await testDevice());
  const losses: number[] = [];
  let last: Checkpoint | undefined;
  await train(
    device,
    { training: [sample], validation: [] },
    modelConfig({ base: 2, depth: 1, dropout: 0.2 }),
    trainingConfig({ tile: 28, steps: STEPS }),
    {
      submits,
      onCheckpoint: (_kind, checkpoint) => {
        last = checkpoint;
      },
      onEvent(event) {
        if (event.type === "step") losses.push(event.loss);
      },
    },
  );
  return { losses, tensors: last?.tensors, submits: count() };
}

test("steps in several submits give the losses and weights of one submit, to the bit", async () => {
  const whole = await run(undefined);
  const parts = await run(4);
  assert.is(parts.submits - whole.submits, 3 * STEPS);
  assert.equal(parts.losses, whole.losses);
  assert.equal(parts.tensors, whole.tensors);
  const most = await run(10_000);
  assert.ok(most.submits > parts.submits);
  assert.equal(most.losses, whole.losses);
});

test("a number of submits that cannot be is an error", async () => {
  assert.match(await rejectionOf(run(1.5)), "submits must be a whole number from 1, got 1.5");
});

test.run();
