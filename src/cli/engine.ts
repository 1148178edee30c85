// The real engine behind the commands.

import type { Device } from "../gpu/device.js";
import { unet } from "../model/unet.js";
import { openDevice } from "../node/device.js";
import { predictionMemory, trainingMemory } from "../train/memory.js";
import { createPredictor } from "../train/predict.js";
import { train } from "../train/train.js";
import type { Services } from "./services.js";

export const engine: Services = {
  openDevice: () => openDevice(),
  train: train as Services["train"],
  createPredictor: createPredictor as Services["createPredictor"],
  planMemory(device, { model, training }, predictionTile) {
    const network = unet(model);
    const opened = device as Device;
    return {
      training: trainingMemory(opened, network, training),
      prediction: predictionMemory(opened, network, predictionTile),
    };
  },
};
