// The model of a configuration, where the caller can wait: those of ours other than the U-Net are a
// chunk of their own, which a page loads when it has one.

import type { Architecture } from "./architecture.js";
import { isModel, type Model, type ModelConfig } from "./model.js";
import { type UNetConfig, unet } from "./unet.js";

/** `createModel`, with the code of the network loaded where it is not there yet; a model is itself. */
export async function loadModel(
  given: ModelConfig | Model,
  models?: readonly Architecture[],
): Promise<Model> {
  if (isModel(given)) return given;
  if (given?.architecture === "unet" && !models) return unet(given as UNetConfig);
  const { createModel } = await import("./architectures.js");
  return createModel(given, models);
}
