// Creates models asynchronously: built-in networks other than the paper's U-Net are separate chunks
// that a page loads only if needed.

import type { Architecture } from "./architecture.js";
import { variantKeys } from "./fields.js";
import { isModel, type Model, type ModelConfig } from "./model.js";
import { type UNetConfig, unet } from "./unet.js";

/**
 * Like `createModel`, but loads the code of the network if needed. A model is returned as it is.
 */
export async function loadModel(
  given: ModelConfig | Model,
  models?: readonly Architecture[],
): Promise<Model> {
  if (isModel(given)) return given;
  if (given?.architecture === "unet" && !models?.length) {
    if (variantKeys(given).length === 0) return unet(given as UNetConfig);
    const { unetVariant } = await import("./unet-variant.js");
    return unetVariant(given as UNetConfig);
  }
  const { createModel } = await import("./architectures.js");
  return createModel(given, models);
}
