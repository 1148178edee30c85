// Prediction with a checkpoint. Pages that do not predict do not load the code for it.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import type { Device } from "../gpu/device.js";
import { orAborted } from "../gpu/slices.js";
import type { Checkpoint } from "../train/training-types.js";
import type { Predictor, PredictorOptions } from "./predictor.js";

const OPTIONS: Keys<PredictorOptions> = {
  output: 1,
  tile: 1,
  symmetries: 1,
  onTile: 1,
  models: 1,
  signal: 1,
};

/** Creates a predictor with the weights of a checkpoint. Throws if they do not fit its model. */
export async function createPredictor(
  device: Device,
  checkpoint: Checkpoint,
  options: PredictorOptions = {},
): Promise<Predictor> {
  checkKeys("createPredictor", options, OPTIONS);
  const { metadata, tensors } = checkpoint ?? {};
  if (!metadata?.model || typeof tensors?.get !== "function") {
    throw new Error(
      `createPredictor: the checkpoint must have metadata and tensors, got ${kindOf(checkpoint)}: decode a file with decodeSafetensors`,
    );
  }
  const { openPredictor } = await orAborted(import("./open-predictor.js"), options.signal);
  return openPredictor(device, checkpoint, options);
}
