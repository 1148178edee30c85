// A run on single cells: their figure, the separation that goes into the checkpoint, and what is refused.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";
import type { Task } from "../../src/data/task.js";
import { CELL_THRESHOLDS, SEPARATIONS } from "../../src/objects/choose-separation.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint, TrainingEvent } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";

const sample = { name: "nuclei", ...syntheticNuclei({ seed: 1, width: 64, height: 64 }) };
const gap: Task = { objects: { kind: "gap" } };

async function run(task: Task | undefined, best: "loss" | "ap50", resume?: Checkpoint) {
  const events: TrainingEvent[] = [];
  const checkpoints: Checkpoint[] = [];
  await train(
    await testDevice(),
    { training: [sample], validation: [sample] },
    modelConfig({ base: 2, depth: 1 }),
    trainingConfig({ tile: 28, steps: resume ? 4 : 2, validateEvery: 2, best }),
    {
      task,
      resume,
      onEvent: (event) => {
        events.push(event);
      },
      onCheckpoint: (_kind, checkpoint) => {
        checkpoints.push(checkpoint);
      },
    },
  );
  const validation = events.find((event) => event.type === "validation");
  return { validation: validation as TrainingEvent & { type: "validation" }, checkpoints };
}

test("a task of cells gives their figures, and its checkpoints threshold and separation, through a file too", async () => {
  const { validation, checkpoints } = await run(gap, "ap50");
  const { ap50, countError, separation, cellThreshold: threshold } = validation;
  assert.ok((ap50 as number) >= 0 && (ap50 as number) <= 1);
  assert.ok(Number.isFinite(countError));
  assert.ok(SEPARATIONS.includes(separation as number));
  assert.ok(CELL_THRESHOLDS.includes(threshold as number));
  const objects = { kind: "gap", separation, threshold };
  assert.equal(
    checkpoints.map(({ metadata }) => metadata.task),
    [{ objects }, { objects }],
  );
  const read = decodeSafetensors(encodeSafetensors(checkpoints[1]), "last.safetensors");
  assert.equal(read.metadata.task, { objects });
  assert.is(read.metadata.progress?.best?.ap50, ap50);
  const again = await run(undefined, "ap50", read);
  assert.is(again.checkpoints.at(-1)?.metadata.task?.objects?.kind, "gap");
});

test("a run without such a task has none of them, and cannot be chosen by them", async () => {
  const { validation, checkpoints } = await run(undefined, "loss");
  assert.not("ap50" in validation || "separation" in validation);
  assert.is(checkpoints[0].metadata.task, undefined);
  const message = async (task: Task | undefined) =>
    run(task, "ap50").then(
      () => "no error",
      ({ message }) => message,
    );
  assert.match(await message(undefined), /best is ap50.*expected a task with objects/);
  const border: Task = { objects: { kind: "border" } };
  assert.match(await message(border), /kind border have 3 classes, got a network of 2/);
});

test("what a checkpoint says of cells is checked as it is read", async () => {
  const { checkpoints } = await run(undefined, "loss");
  const read = (objects: object) => () => {
    const task = { objects } as Task;
    const metadata = { ...checkpoints[0].metadata, task };
    decodeSafetensors(encodeSafetensors({ ...checkpoints[0], metadata }), "a.safetensors");
  };
  assert.throws(
    read({ kind: "rays" }),
    /a\.safetensors: damaged: its cells are of the kind "rays"/,
  );
  assert.throws(read({ kind: "border" }), /cells of the kind border have 3 classes/);
  assert.throws(read({ kind: "gap", separation: -1 }), /its separation of cells is -1/);
  assert.throws(
    read({ kind: "gap", threshold: 1 }),
    /its threshold of cells is 1, expected a prob/,
  );
  assert.not.throws(read({ kind: "gap", separation: 0.5, threshold: 0.4 }));
});

test.run();
