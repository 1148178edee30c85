// The network of a configuration, where the caller can wait: others than the U-Net are a chunk of
// their own, which a page loads when it has one.

import type { Model, ModelConfig } from "./model.js";
import { unet } from "./unet.js";

/** `createModel`, with the code of the network loaded where it is not there yet. */
export async function loadModel(config: ModelConfig): Promise<Model> {
  if (config.architecture === "unet") return unet(config);
  const { createModel } = await import("./architectures.js");
  return createModel(config);
}
