// The page of train.test.ts.

import {
  createTrainer,
  type Device,
  requestDevice,
  type TrainingConfig,
  type TrainingEvent,
  unet,
} from "../../src/index.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { sampleLosses } from "./sample-run.js";

/** One device for both tests: it keeps its compiled pipelines. */
let opened: Promise<Device> | undefined;
const reported: string[] = [];

function open(): Promise<Device> {
  opened ??= requestDevice(undefined, { onError: (error) => reported.push(`${error}`) });
  return opened;
}

export async function train(changes: Partial<TrainingConfig>): Promise<number[]> {
  return await sampleLosses(await open(), changes);
}

/** Destroys the GPU while it trains; resolves with the errors that every caller gets. */
export async function loseDevice(): Promise<Record<string, string>> {
  const device = await open();
  const onEvent = ({ type }: TrainingEvent) => {
    if (type === "progress") device.gpu.destroy();
  };
  const failed = sampleLosses(device, { steps: 1000 }, { onEvent }).then(() => "nothing", String);
  const training = await failed;
  const lost = String(await device.lost);
  const config = trainingConfig({ tile: 124 });
  const later = await createTrainer(device, unet(modelConfig({ depth: 2 })), config).then(
    () => "nothing",
    String,
  );
  return { training, lost, later, reported: reported.join("; ") };
}
