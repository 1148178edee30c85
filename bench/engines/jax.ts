// jax-js on WebGPU. Its layouts are PyTorch's (NCHW, OIHW), so nothing is transposed. Step and
// prediction are each compiled as one function, which takes minutes on a software adapter.

import { type GpuBytes, watchGpuBytes } from "../gpu-bytes.js";
import { LEARNING_RATE, MOMENTUM, type Network } from "../network.js";
import { peer, showGpu } from "../peer.js";
import { jaxLayer } from "./jax-layers.js";
import { jaxOp } from "./jax-ops.js";
import {
  type Jax,
  type JaxArray,
  type JaxTree,
  jaxLoss,
  maxPool,
  refs,
  toJax,
  upConvolution,
} from "./jax-types.js";
import type { Engine, PredictRunner, StepRunner } from "./types.js";

/** Throws if the package is not installed or finds no WebGPU. */
export async function jax(): Promise<Engine> {
  await showGpu();
  const jax = (await peer("@jax-js/jax")) as Jax;
  const backends = await jax.init("webgpu");
  if (!backends.includes("webgpu")) throw new Error("it finds no WebGPU");
  jax.defaultDevice("webgpu");
  const bytes = watchGpuBytes(jax.getWebGPUDevice());
  return {
    name: "jax-js",
    step: async (network) => createStep(jax, bytes, network),
    predict: async (network) => createPrediction(jax, bytes, network),
    layer: async (layer) => jaxLayer(jax, layer),
    op: async (one) => jaxOp(jax, one),
  };
}

/** Returns the logits [1, K, H, W] of the paper's network. Consumes its arguments. */
function logitsOf(jax: Jax, { depth }: Network, parameters: JaxTree, image: JaxArray): JaxArray {
  const { lax, nn, numpy } = jax;
  const biased = (y: JaxArray, name: string) =>
    y.add(parameters[`${name}.bias`].reshape([1, -1, 1, 1]));
  const conv = (x: JaxArray, name: string) => {
    const y = lax.convGeneralDilated(x, parameters[`${name}.weight`], [1, 1], "VALID");
    return biased(y, name);
  };
  const block = (x: JaxArray, name: string) =>
    nn.relu(conv(nn.relu(conv(x, `${name}.conv1`)), `${name}.conv2`));
  const skips: JaxArray[] = [];
  let x = image;
  for (let level = 1; level <= depth; level++) {
    x = block(x, `encoder${level}`);
    skips.push(x.ref);
    x = maxPool(jax, x);
  }
  x = block(x, "bottleneck");
  for (let level = depth; level >= 1; level--) {
    const name = `decoder${level}`;
    const up = biased(upConvolution(jax, x, parameters[`${name}.up.weight`]), `${name}.up`);
    const skip = skips[level - 1];
    const side = up.shape[2];
    const margin = (skip.shape[2] - side) / 2;
    const range = [margin, margin + side];
    x = block(numpy.concatenate([skip.slice([], [], range, range), up], 1), name);
  }
  return conv(x, "head");
}

function parametersOf(jax: Jax, { weights }: Network): JaxTree {
  const arrays = [...weights].map(([name, { shape, data }]) => [name, toJax(jax, shape, data)]);
  return Object.fromEntries(arrays);
}

function drop(arrays: JaxTree): void {
  for (const array of Object.values(arrays)) array.dispose();
}

function createStep(jax: Jax, bytes: GpuBytes, network: Network): StepRunner {
  const { tile, out, weights } = network;
  const loss = jaxLoss(jax, network.label, network.weight, [out, out]);
  const lossAndGradients = jax.valueAndGrad((parameters: JaxTree, image: JaxArray) =>
    loss(logitsOf(jax, network, parameters, image)),
  );
  const update = jax.jit((parameters: JaxTree, velocity: JaxTree, image: JaxArray) => {
    const [value, gradients] = lossAndGradients(refs(parameters), image);
    const moved: Record<string, JaxArray> = {};
    const next: Record<string, JaxArray> = {};
    for (const name of Object.keys(parameters)) {
      moved[name] = velocity[name].mul(MOMENTUM).add(gradients[name]);
      next[name] = parameters[name].sub(moved[name].ref.mul(LEARNING_RATE));
    }
    return { value, parameters: next, velocity: moved };
  });
  const image = toJax(jax, [1, 1, tile, tile], network.image);
  let parameters = parametersOf(jax, network);
  let velocity: JaxTree = Object.fromEntries(
    [...weights].map(([name, { shape, data }]) => {
      return [name, toJax(jax, shape, new Float32Array(data.length))];
    }),
  );
  const step = () => {
    const made = update(parameters, velocity, image.ref);
    ({ parameters, velocity } = made);
    return made.value;
  };
  return {
    async first() {
      const [value] = await step().data();
      // The first velocity of SGD with momentum is the gradient.
      const gradients = new Map<string, Float32Array>();
      for (const [name, array] of Object.entries(velocity)) {
        gradients.set(name, await array.ref.data());
      }
      bytes.restart();
      return { loss: value, gradients };
    },
    async run() {
      const value = step();
      for (const array of Object.values(parameters)) await array.blockUntilReady();
      value.dispose();
    },
    peakBytes: bytes.peak,
    close() {
      drop(parameters);
      drop(velocity);
      image.dispose();
    },
  };
}

function createPrediction(jax: Jax, bytes: GpuBytes, network: Network): PredictRunner {
  const { tile } = network;
  const probabilities = jax.jit((parameters: JaxTree, image: JaxArray) =>
    jax.nn.softmax(logitsOf(jax, network, parameters, image), 1),
  );
  const parameters = parametersOf(jax, network);
  bytes.restart();
  return {
    run: () =>
      probabilities(refs(parameters), toJax(jax, [1, 1, tile, tile], network.image)).data(),
    peakBytes: bytes.peak,
    close: () => drop(parameters),
  };
}
