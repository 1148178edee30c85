// `train` with fewer steps.

import { train as whole } from "../../../src/train/train.js";
import { shortSteps } from "./options.js";

export * from "../../../src/train/train.js";

export const train: typeof whole = (device, data, model, training, options) => {
  const done = options?.resume?.metadata.progress?.step ?? 0;
  const steps = Math.min(training.steps, done + shortSteps(import.meta.url));
  return whole(device, data, model, { ...training, steps }, options);
};
