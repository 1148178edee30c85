import { test } from "uvu";
import * as assert from "uvu/assert";
import { createTrainer, type TrainerOptions } from "../../src/train/step.js";
import type { CheckpointTensor, TrainingGroup } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { batch, model, options } from "./small-trainer.js";

type Tensors = ReadonlyMap<string, CheckpointTensor>;

/** The tensors after some steps, and those of the beginning. */
async function trained(
  groups: readonly TrainingGroup[] | undefined,
  changes: Partial<TrainerOptions> = {},
  steps = 3,
): Promise<{ before: Tensors; after: Tensors }> {
  using trainer = await createTrainer(await testDevice(), model, {
    ...options,
    ...changes,
    groups,
  });
  const before = await trainer.tensors();
  for (let step = 0; step < steps * (changes.accumulate ?? 1); step++) trainer.step(batch);
  return { before, after: await trainer.tensors() };
}

const valuesOf = (tensors: Tensors, name: string) => tensors.get(name)?.data ?? new Float32Array();
const names = model.parameters.list.map(({ name }) => name);

test("frozen parameters keep their values, all others change as without groups", async () => {
  const plain = await trained(undefined, {}, 1);
  const { before, after } = await trained([{ match: /^encoder/, frozen: true }], {}, 1);
  for (const name of names) {
    const expected = name.startsWith("encoder") ? before : plain.after;
    assert.equal(valuesOf(after, name), valuesOf(expected, name), name);
    assert.not.equal(valuesOf(plain.after, name), valuesOf(before, name), `${name} is trained`);
  }
});

test("a group has a learning rate and a weight decay of its own", async () => {
  const sgd = { optimizer: "sgd", momentum: 0, weightDecay: 0.5 } as const;
  const plain = await trained(undefined, sgd, 1);
  const groups = [{ match: (name: string) => name.startsWith("head"), rate: 8, weightDecay: 0 }];
  const { before, after } = await trained(groups, sgd, 1);
  const decay = options.learningRate * 0.5;
  for (const name of names) {
    if (!name.startsWith("head")) {
      assert.equal(valuesOf(after, name), valuesOf(plain.after, name), name);
      continue;
    }
    for (const [i, value] of valuesOf(before, name).entries()) {
      const gradientStep = valuesOf(plain.after, name)[i] - value * (1 - decay);
      const expected = value + 8 * gradientStep;
      // The plain step is rounded to the digits of a weight below 1: 6e-8, times 8.
      assert.ok(Math.abs(valuesOf(after, name)[i] - expected) < 1e-6, `${name}[${i}]`);
    }
  }
});

test("groups that differ in nothing train as without groups, to the bit", async () => {
  for (const changes of [
    {},
    { optimizer: "sgd", accumulate: 2, clipNorm: 0.1 },
    { precision: "f16", ema: 0.9, recompute: true },
  ] as const) {
    const plain = await trained(undefined, changes);
    const { after } = await trained([{ match: /conv2/ }, { match: /^head/, rate: 1 }], changes);
    assert.equal(after, plain.after, JSON.stringify(changes));
  }
});

test("groups that cannot be are errors that name them", async () => {
  const device = await testDevice();
  const errorOf = (group: object) =>
    rejectionOf(createTrainer(device, model, { ...options, groups: [group] }));
  assert.match(await errorOf({ match: /^haed/ }), "group 0, of /^haed/, has no parameter");
  assert.match(await errorOf({ rate: -1 }), "groups[0]: rate must be a number from 0, got -1");
  assert.match(await errorOf({ learningRate: 1 }), "groups[0] has no option learningRate");
});

test.run();
