// The real engine behind the commands.

import { examine } from "../check/examine.js";
import { examineOnce } from "../check/examine-once.js";
import { saveAvoided } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";
import { saveTuning } from "../gpu/tuning-table.js";
import { openDevice } from "../node/open-device.js";
import { doctorFile, fileStorage, tuningCacheFile } from "../node/tuning-cache-file.js";
import { createPredictor } from "../predict/predict.js";
import {
  predictionMemory,
  predictionRefusal,
  trainingMemory,
  trainingRefusal,
} from "../train/memory-report.js";
import { train } from "../train/train.js";
import { tuneNetwork } from "../train/tune-network.js";
import type { Services } from "./services.js";

export const engine: Services = {
  openDevice: (onRemark) => openDevice({ onRemark }),
  async lossOf(device) {
    const soon = new Promise<undefined>((resolve) => setTimeout(resolve, 500));
    return (await Promise.race([(device as Device).lost, soon]))?.message;
  },
  train: train as Services["train"],
  createPredictor: createPredictor as Services["createPredictor"],
  examine: (device, options) => examine(device as Device, options),
  async keepExamination(device, examination) {
    const file = doctorFile();
    if (file !== undefined) await saveAvoided(device as Device, fileStorage(file), examination);
    return file;
  },
  async examineFirst(device) {
    const file = process.env.MICROGRAPH_DOCTOR === "off" ? undefined : doctorFile();
    return file === undefined ? undefined : examineOnce(device as Device, fileStorage(file));
  },
  async testPackage(device, model) {
    const { testPackage } = await import("../interchange/bioimageio/test-package.js");
    return testPackage(device as Device, model);
  },
  async exportPackage(device, checkpoint, options) {
    const { exportBioimageio } = await import("../interchange/bioimageio/export-bioimageio.js");
    return exportBioimageio(device as Device, checkpoint, options);
  },
  tune: (device, { model, training }, options) =>
    tuneNetwork(device as Device, model, training, options),
  async keepChoices(device) {
    const file = tuningCacheFile();
    if (file !== undefined) await saveTuning(device as Device, fileStorage(file));
    return file;
  },
  async planMemory(device, { model, training }, predictionTile) {
    const opened = device as Device;
    return {
      training: {
        ...trainingMemory(opened, model, training),
        refusal: await trainingRefusal(opened, model, training),
      },
      prediction: {
        ...predictionMemory(opened, model, predictionTile),
        refusal: await predictionRefusal(opened, model, predictionTile),
      },
    };
  },
};
