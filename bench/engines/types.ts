// The interface of an engine for the benchmarks.

import type { LayerCase } from "../layer-cases.js";
import type { Network } from "../network.js";
import type { GeneralCase } from "../op-cases.js";

export interface StepResult {
  readonly loss: number;
  /** Gradients in PyTorch's shapes, by the names of the parameters. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

export interface StepRunner {
  /** Loss and gradients at the network's weights, computed by the same code that `run` runs. */
  first(): Promise<StepResult>;
  /** One step of SGD with momentum; resolves when the GPU has done it. */
  run(): Promise<void>;
  /** The most bytes on the GPU in the runs after `first`. */
  peakBytes(): number;
  /** The bytes of the plan and its states, and the lower bound (`Row`). */
  readonly planBytes?: number;
  readonly liveBytes?: number;
  close(): void;
}

export interface PredictRunner {
  /** Probabilities [K, H, W] of the network's tile, read back. */
  run(): Promise<Float32Array>;
  /** The most bytes on the GPU; missing if the engine runs on the CPU. */
  peakBytes?(): number;
  close(): void;
}

export interface LayerRunner {
  /** Resolves when the GPU has done it. */
  run(): Promise<void>;
  /** The result, row-major, in PyTorch's layout. */
  result(): Promise<Float32Array>;
  close(): void;
}

export interface OpRunner {
  /** Result and gradients; resolves when the GPU has done it. */
  run(): Promise<void>;
  /** The result and the gradients of the inputs, row-major, in PyTorch's layout. */
  results(): Promise<readonly Float32Array[]>;
  close(): void;
}

export interface Engine {
  readonly name: string;
  /** Missing if the engine cannot do the work. */
  readonly step?: (network: Network) => Promise<StepRunner>;
  readonly predict?: (network: Network) => Promise<PredictRunner>;
  readonly layer?: (layer: LayerCase) => Promise<LayerRunner | undefined>;
  /** Throws if it has no such op. */
  readonly op?: (one: GeneralCase) => Promise<OpRunner>;
}
