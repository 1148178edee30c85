// The page of train.test.ts.

import {
  createTrainer,
  requestDevice,
  type TrainingConfig,
  type TrainingEvent,
  unet,
} from "../../src/index.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { sampleLosses } from "./sample-run.js";

export async function train(changes: Partial<TrainingConfig>): Promise<number[]> {
  using device = await requestDevice();
  return await sampleLosses(device, changes);
}

/** Destroys the GPU while it trains; resolves with the errors that every caller gets. */
export async function loseDevice(): Promise<Record<string, string>> {
  const reported: string[] = [];
  const device = await requestDevice(undefined, { onError: (e) => reported.push(`${e}`) });
  const onEvent = ({ type }: TrainingEvent) => {
    if (type === "progress") device.gpu.destroy();
  };
  const failed = sampleLosses(device, { steps: 1000, tile: 60 }, { onEvent }).then(
    () => "nothing",
    String,
  );
  const training = await failed;
  const lost = String(await device.lost);
  const config = trainingConfig({ tile: 124 });
  const later = await createTrainer(device, unet(modelConfig({ depth: 2 })), config).then(
    () => "nothing",
    String,
  );
  return { training, lost, later, reported: reported.join("; ") };
}
