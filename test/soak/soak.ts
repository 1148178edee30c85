// Memory over a long run: anything that grows with the number of steps, predictions or openings
// would end a long-running program. Buffers and textures are counted, the process's resident memory
// is measured.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Device } from "../../src/gpu/device.js";
import { unet } from "../../src/model/unet.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { countingDevice } from "../alive.js";
import { noise } from "../numbers.js";
import { batch, options } from "../train/small-trainer.js";

export interface SoakPhase {
  readonly name: string;
  readonly count: number;
  /** Buffers and textures that are not destroyed: after a fifth of the phase, and at its end. */
  readonly alive: readonly [number, number];
  /** Resident memory at these moments, in bytes. */
  readonly resident: readonly [number, number];
}

export interface SoakCounts {
  readonly steps: number;
  readonly predictions: number;
  /** Trainers and predictors that are created, used once and closed. */
  readonly cycles: number;
}

const model = unet(modelConfig({ base: 2, depth: 1 }));

/** Runs the three kinds of work one after the other. */
export async function soak(opened: Device, counts: SoakCounts): Promise<SoakPhase[]> {
  const { device, alive } = countingDevice(opened);
  const phase = async (name: string, count: number, work: (index: number) => Promise<unknown>) => {
    const measure = async () => {
      await device.idle();
      await collected();
      return [alive.size, process.memoryUsage.rss()] as const;
    };
    const warm = Math.ceil(count / 5);
    for (let i = 0; i < warm; i++) await work(i);
    const [aliveBefore, before] = await measure();
    for (let i = warm; i < count; i++) await work(i);
    const [aliveAfter, after] = await measure();
    return { name, count, alive: [aliveBefore, aliveAfter], resident: [before, after] } as const;
  };
  const phases: SoakPhase[] = [];
  let checkpoint: Checkpoint;
  {
    using trainer = await createTrainer(device, model, options);
    const step = async (i: number) => {
      trainer.step(batch);
      if (i % 50 === 49) await trainer.losses();
      else if (i % 2 === 1) await device.idle();
    };
    phases.push(await phase("steps", counts.steps, step));
    checkpoint = await trainer.checkpoint();
  }
  {
    using predictor = await createPredictor(device, checkpoint);
    phases.push(
      await phase("predictions", counts.predictions, async (i) => {
        // All sizes occur in the first fifth.
        const [width, height] = [20 + ((i * 7) % 10), 16 + ((i * 3) % 10)];
        const image = { width, height, channels: 1, data: noise(width * height, i) };
        await predictor.predict(image, `image ${i}`);
      }),
    );
  }
  phases.push(
    await phase("create and close", counts.cycles, async () => {
      using trainer = await createTrainer(device, model, options);
      trainer.step(batch);
      using predictor = await createPredictor(device, checkpoint);
      await predictor.predict({ width: 20, height: 20, channels: 1, data: noise(400, 1) }, "image");
    }),
  );
  if (alive.size > 0) throw new Error(`${alive.size} buffers or textures are left of closed work`);
  if (opened.holds.size > 0) throw new Error(`the device holds ${opened.holds.size} closed things`);
  return phases;
}

/** Garbage is collected twice: finalisers run in between. */
async function collected(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
