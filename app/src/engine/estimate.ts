// Estimates time and memory of a run from its plan, without running it.

import {
  type BuiltInConfig,
  createModel,
  type Device,
  type MemoryError,
  type TrainingConfig,
  trainingMemory,
  trainingRefusal,
} from "../../../src/index.js";
import type { Estimate } from "./messages.js";

/**
 * The share of an adapter's peak that a step of a small network reaches, and the cost of a dispatch in
 * milliseconds: rough values, from runs of the sample on a software adapter.
 */
const SHARE = 0.12;
const DISPATCH_MS = 0.05;

/** `gflops` is the adapter's peak (`measurePeak`). Throws for a tile that the network cannot take. */
export async function estimate(
  device: Device,
  model: BuiltInConfig,
  config: TrainingConfig,
  gflops: number,
): Promise<Estimate> {
  const network = createModel(model);
  const report = trainingMemory(device, network, config);
  const { bytes, largest, bindingLimit, multiplyAdds, dispatches } = report;
  return {
    bytes: bytes.total,
    largestBytes: largest.bytes,
    bindingLimit,
    outputPixels: network.outputSize(config.tile) ** 2,
    refusal: refusalOf(await trainingRefusal(device, network, config)),
    stepMs: (2 * multiplyAdds) / (SHARE * gflops * 1e6) + DISPATCH_MS * dispatches,
  };
}

/** What can be posted of the error. */
const refusalOf = (error: MemoryError | undefined): Estimate["refusal"] =>
  error && { message: error.message, proposals: error.proposals };
