// What a benchmark asks of an engine.

import type { Shape } from "../../src/graph/tensor.js";
import type { Network } from "../network.js";

export interface StepResult {
  readonly loss: number;
  /** Gradients in PyTorch's shapes, by the names of the parameters. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

export interface StepRunner {
  /** Loss and gradients at the network's weights, by the very code that `run` runs. */
  first(): Promise<StepResult>;
  /** One step of SGD with momentum; resolves when the GPU has done it. */
  run(): Promise<void>;
  /** The most bytes on the GPU, where the engine can tell. */
  peakBytes(): number | undefined;
  close(): void;
}

export interface PredictRunner {
  /** Probabilities [K, H, W] of the network's tile, read back. */
  run(): Promise<Float32Array>;
  close(): void;
}

/** One op on given inputs: row-major, images [N, C, H, W], weights in PyTorch's shapes. */
export interface LayerCase {
  readonly work: string;
  readonly kind:
    | "convolution"
    | "convolution input gradient"
    | "convolution weight gradient"
    | "up-convolution"
    | "max-pool"
    | "max-pool gradient"
    | "loss gradient";
  readonly inputs: readonly {
    readonly shape: Shape;
    readonly values: Float32Array<ArrayBuffer>;
    readonly isImage: boolean;
  }[];
  /** Multiply-adds of the direct method. */
  readonly multiplyAdds: number;
}

export interface LayerRunner {
  /** Resolves when the GPU has done it. */
  run(): Promise<void>;
  /** The result, row-major, PyTorch's order. */
  result(): Promise<Float32Array>;
  close(): void;
}

export interface Engine {
  readonly name: string;
  /** Each is missing where the engine cannot do the work. */
  readonly step?: (network: Network) => Promise<StepRunner>;
  readonly predict?: (network: Network) => Promise<PredictRunner>;
  readonly layer?: (layer: LayerCase) => Promise<LayerRunner | undefined>;
}
