import { ShapeError } from "../graph/tensor.js";
import { networkRules } from "../options/network-rules.generated.js";
import { faultIn } from "../options/rules.js";
import type { ModelConfig } from "./model.js";

/** Throws for a configuration that no network can have, and names the value and its bounds. */
export function checkModel(config: ModelConfig): void {
  const fault = faultIn(networkRules, config);
  if (fault) throw new ShapeError(`model: ${fault}`);
}
