// The real engine behind the commands.

import { openDevice } from "../node/device.js";
import { createPredictor } from "../train/predict.js";
import { train } from "../train/train.js";
import type { Services } from "./services.js";

export const engine: Services = {
  openDevice: () => openDevice(),
  train: train as Services["train"],
  createPredictor: createPredictor as Services["createPredictor"],
};
