// jax-js on WebGPU: single convolutions, which it expresses as they are (NCHW, OIHW).

import type { Device } from "../../src/gpu/device.js";
import { peer } from "../peer.js";
import type { Engine, LayerCase, LayerRunner } from "./types.js";

interface JaxArray {
  /** Calls consume their arguments; a reference keeps one. */
  readonly ref: JaxArray;
  data(): Promise<Float32Array>;
  blockUntilReady(): Promise<JaxArray>;
  dispose(): void;
  reshape(shape: readonly number[]): JaxArray;
}

interface Jax {
  init(backend: string): Promise<readonly string[]>;
  defaultDevice(backend: string): void;
  readonly numpy: { array(values: Float32Array): JaxArray };
  readonly lax: {
    convGeneralDilated(
      x: JaxArray,
      weight: JaxArray,
      strides: readonly number[],
      padding: string,
    ): JaxArray;
  };
}

/** Throws where the package is not installed or finds no WebGPU. */
export async function jax(device: Device): Promise<Engine> {
  const { instance } = device as Device & { readonly instance?: GPU };
  const navigator = { gpu: instance, userAgent: "node" };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  const jax = (await peer("@jax-js/jax")) as Jax;
  const backends = await jax.init("webgpu");
  if (!backends.includes("webgpu")) throw new Error("it finds no WebGPU");
  jax.defaultDevice("webgpu");
  return { name: "jax-js", layer: async (layer) => createLayer(jax, layer) };
}

function createLayer({ numpy, lax }: Jax, layer: LayerCase): LayerRunner | undefined {
  if (layer.kind !== "convolution") return undefined;
  const [x, weight] = layer.inputs.map(({ shape, values }) => numpy.array(values).reshape(shape));
  const compute = () => lax.convGeneralDilated(x.ref, weight.ref, [1, 1], "VALID");
  return {
    async run() {
      const y = await compute().blockUntilReady();
      y.dispose();
    },
    result: () => compute().data(),
    close() {
      x.dispose();
      weight.dispose();
    },
  };
}
