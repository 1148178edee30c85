// tfjs with its WebGPU backend, on the adapter that Micrograph opened. Images are [N, H, W, C]
// there, and weights [K, K, I, O] ([K, K, O, I] transposed): they are turned before and after, never
// within what is timed.

import type { Device } from "../../src/gpu/device.js";
import { LEARNING_RATE, MOMENTUM, type Network } from "../network.js";
import { peer } from "../peer.js";
import { tfjsLayer } from "./tfjs-layers.js";
import { fromTf, type Tf, type TfTensor, toTf } from "./tfjs-types.js";
import type { Engine, PredictRunner, StepResult, StepRunner } from "./types.js";

/** Throws where the packages are not installed or the backend cannot start. */
export async function tfjs(device: Device): Promise<Engine> {
  const { instance } = device as Device & { readonly instance?: GPU };
  const navigator = { gpu: instance, userAgent: "node" };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  const loaded = (await peer("@tensorflow/tfjs")) as Tf & { readonly default?: Tf };
  const tf = loaded.default ?? loaded;
  await peer("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) throw new Error("its WebGPU backend does not start");
  await tf.ready();
  return {
    name: "tfjs",
    step: (network) => createStep(tf, network),
    predict: (network) => createPrediction(tf, network),
    layer: (layer) => tfjsLayer(tf, layer),
  };
}

type Variables = ReadonlyMap<string, TfTensor>;

function variablesOf(tf: Tf, { weights }: Network): Variables {
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      return [name, tf.variable(toTf(tf, shape, data, shape.length === 4))];
    }),
  );
}

/** Logits [1, H, W, K] of the paper's network; the fused convolution is its fastest. */
function logitsOf(tf: Tf, { depth, model }: Network, variables: Variables, image: TfTensor) {
  const get = (name: string) => variables.get(name) as TfTensor;
  const conv = (x: TfTensor, name: string, activation: "relu" | "linear" = "relu") =>
    tf.fused.conv2d({
      x,
      filter: get(`${name}.weight`),
      bias: get(`${name}.bias`),
      strides: 1,
      pad: "valid",
      activation,
    });
  const block = (x: TfTensor, name: string) => conv(conv(x, `${name}.conv1`), `${name}.conv2`);
  const skips: TfTensor[] = [];
  let x = image;
  for (let level = 1; level <= depth; level++) {
    x = block(x, `encoder${level}`);
    skips.push(x);
    x = tf.maxPool(x, 2, 2, "valid");
  }
  x = block(x, "bottleneck");
  for (let level = depth; level >= 1; level--) {
    const side = x.shape[1] * 2;
    const channels = model.config.base * 2 ** (level - 1);
    const size = [1, side, side, channels];
    const name = `decoder${level}`;
    const up = tf.conv2dTranspose(x, get(`${name}.up.weight`), size, 2, "valid");
    const skip = skips[level - 1];
    const margin = (skip.shape[1] - side) / 2;
    const centre = tf.slice(skip, [0, margin, margin, 0], [1, side, side, skip.shape[3]]);
    x = block(tf.concat([centre, tf.add(up, get(`${name}.up.bias`))], 3), name);
  }
  return conv(x, "head", "linear");
}

async function createStep(tf: Tf, network: Network): Promise<StepRunner> {
  const { tile, out, weight, label, weights } = network;
  let variables = variablesOf(tf, network);
  const image = tf.tensor(network.image, [1, tile, tile, 1]);
  const map = tf.tensor(weight, [1, out, out]);
  const oneHot = tf.tensor(
    Float32Array.from({ length: out * out * 2 }, (_, i) => Number(label[i >> 1] === i % 2)),
    [1, out, out, 2],
  );
  const counted = weight.reduce((count, value) => count + Number(value > 0), 0);
  const loss = () => {
    const logits = logitsOf(tf, network, variables, image);
    const picked = tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), 3);
    return tf.mul(tf.sum(tf.mul(map, picked)), -1 / counted);
  };
  let optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  let most = 0;
  const step = () => {
    const { value, grads } = tf.variableGrads(loss, [...variables.values()]);
    optimizer.applyGradients(grads);
    most = Math.max(most, tf.memory().numBytesInGPUAllocated ?? tf.memory().numBytes);
    return { value, grads };
  };
  const drop = ({ value, grads }: ReturnType<typeof step>) => {
    for (const tensor of [value, ...Object.values(grads)]) tensor.dispose();
  };
  return {
    async first(): Promise<StepResult> {
      for (const variable of variables.values()) variable.dispose();
      variables = variablesOf(tf, network);
      optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
      const made = step();
      const gradients = new Map<string, Float32Array>();
      for (const [name, { shape }] of weights) {
        const gradient = made.grads[(variables.get(name) as TfTensor & { name: string }).name];
        gradients.set(name, fromTf(shape, await gradient.data(), shape.length === 4));
      }
      const [value] = await made.value.data();
      drop(made);
      return { loss: value, gradients };
    },
    async run() {
      const made = step();
      // The update comes last: reading a byte of it waits for the whole step.
      const last = [...variables.values()].at(-1) as TfTensor;
      await last.data();
      drop(made);
    },
    peakBytes: () => most,
    close() {
      for (const variable of variables.values()) variable.dispose();
      optimizer.dispose();
    },
  };
}

async function createPrediction(tf: Tf, network: Network): Promise<PredictRunner> {
  const { tile, out } = network;
  const variables = variablesOf(tf, network);
  return {
    async run() {
      const probabilities = tf.tidy(() => {
        const image = tf.tensor(network.image, [1, tile, tile, 1]);
        return tf.softmax(logitsOf(tf, network, variables, image));
      });
      const values = await probabilities.data();
      probabilities.dispose();
      return fromTf([1, 2, out, out], values, false);
    },
    close() {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}
