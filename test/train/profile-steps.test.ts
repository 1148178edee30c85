import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import type { Profile } from "../../src/gpu/profile.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";

const sample = { name: "cells", ...syntheticSample({ seed: 1, width: 64, height: 64 }) };

async function run(steps: number, profile: boolean) {
  const profiles: Profile[] = [];
  const losses: number[] = [];
  let last: Checkpoint | undefined;
  await train(
    await testDevice(),
    { training: [sample], validation: [] },
    modelConfig({ base: 2, depth: 1, dropout: 0.2 }),
    trainingConfig({ tile: 28, steps }),
    {
      profile,
      onProfile: (result) => void profiles.push(result),
      onCheckpoint: (_kind, checkpoint) => {
        last = checkpoint;
      },
      onEvent(event) {
        if (event.type === "step") losses.push(event.loss);
      },
    },
  );
  return { profiles, losses, tensors: last?.tensors };
}

test("a run with a profile gives the losses and weights of one without, to the bit", async () => {
  for (const [steps, repeats] of [
    [24, 10],
    [5, 3],
    [1, 1],
  ]) {
    const plain = await run(steps, false);
    const profiled = await run(steps, true);
    assert.equal(profiled.losses, plain.losses);
    assert.equal(profiled.tensors, plain.tensors);
    assert.is(plain.profiles.length, 0);
    assert.is(profiled.profiles.length, 1);
    assert.is(profiled.profiles[0].repeats, repeats);
    assert.ok(profiled.profiles[0].nodes.some(({ name }) => name === "adam"));
  }
});

test.run();
