// ONNX Runtime, native, on all cores of the CPU: a bound for what predictions on the CPU could
// reach.

import type { Network } from "../network.js";
import { onnxModel } from "../onnx-model.js";
import { peer } from "../peer.js";
import type { Engine, PredictRunner } from "./types.js";

interface OnnxTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** What is used of it. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array | string): Promise<{
      run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Record<string, OnnxTensor>>;
      release(): Promise<void>;
    }>;
  };
  readonly Tensor: new (
    type: "float32",
    data: Float32Array,
    shape: readonly number[],
  ) => OnnxTensor;
}

/** Loads ONNX Runtime. Throws if the package is not installed for this system. */
export async function onnxRuntime(): Promise<OnnxRuntime> {
  const module = (await peer("onnxruntime-node")) as OnnxRuntime & { default?: OnnxRuntime };
  return module.default ?? module;
}

export async function onnx(): Promise<Engine> {
  const runtime = await onnxRuntime();
  return { name: "onnxruntime", predict: (network) => createPrediction(runtime, network) };
}

async function createPrediction(runtime: OnnxRuntime, network: Network): Promise<PredictRunner> {
  const { tile, image } = network;
  const session = await runtime.InferenceSession.create(await onnxModel(network));
  return {
    async run() {
      const feeds = { image: new runtime.Tensor("float32", image, [1, 1, tile, tile]) };
      const { probabilities } = await session.run(feeds);
      return probabilities.data;
    },
    close: () => void session.release(),
  };
}
