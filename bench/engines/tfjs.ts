// tfjs with its WebGPU backend, on the adapter that Micrograph opened. There images are [N, H, W,
// C], and weights [K, K, I, O] ([K, K, O, I] transposed): they are converted before and after,
// never during what is timed.

import { type GpuBytes, watchGpuBytes } from "../gpu-bytes.js";
import { LEARNING_RATE, MOMENTUM, type Network } from "../network.js";
import { peer, showGpu } from "../peer.js";
import { tfjsLayer } from "./tfjs-layers.js";
import { tfjsLoss } from "./tfjs-loss.js";
import { tfjsOp } from "./tfjs-ops.js";
import { fromTf, type Tf, type TfTensor, type TfVariable, toTf } from "./tfjs-types.js";
import type { Engine, PredictRunner, StepResult, StepRunner } from "./types.js";

/** Throws if the packages are not installed or the backend cannot start. */
export async function tfjs(): Promise<Engine> {
  await showGpu();
  const loaded = (await peer("@tensorflow/tfjs")) as Tf & { readonly default?: Tf };
  const tf = loaded.default ?? loaded;
  await peer("@tensorflow/tfjs-backend-webgpu");
  const restart = restarter(tf);
  await restart();
  return {
    name: "tfjs",
    step: async (network) => createStep(tf, await restart(), network),
    predict: async (network) => createPrediction(tf, await restart(), network),
    layer: async (layer) => tfjsLayer(tf, layer),
    op: async (one) => tfjsOp(tf, one),
  };
}

/**
 * Restarts the backend on a new device: it keeps the buffers of released tensors for later ones of
 * the same size, so those of earlier work would count among the bytes of the next.
 */
function restarter(tf: Tf): () => Promise<GpuBytes> {
  const create = tf.findBackendFactory("webgpu");
  return async () => {
    tf.removeBackend("webgpu");
    tf.registerBackend("webgpu", create);
    if (!(await tf.setBackend("webgpu"))) throw new Error("its WebGPU backend does not start");
    await tf.ready();
    return watchGpuBytes(tf.backend().device);
  };
}

type Variables = ReadonlyMap<string, TfVariable>;

function variablesOf(tf: Tf, { weights }: Network): Variables {
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      const start = toTf(tf, shape, data, shape.length === 4);
      const variable = tf.variable(start);
      start.dispose(); // the variable has a reference of its own
      return [name, variable];
    }),
  );
}

/** Logits [1, H, W, K] of the paper's network; the fused convolution is its fastest. */
function logitsOf(tf: Tf, { depth, model }: Network, variables: Variables, image: TfTensor) {
  const get = (name: string) => variables.get(name) as TfVariable;
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

function createStep(tf: Tf, bytes: GpuBytes, network: Network): StepRunner {
  const { tile, out, weight, label, weights } = network;
  let variables = variablesOf(tf, network);
  const image = tf.tensor(network.image, [1, tile, tile, 1]);
  const lossOf = tfjsLoss(tf, label, weight, [1, out, out]);
  const loss = () => lossOf(logitsOf(tf, network, variables, image));
  let optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  const step = () => {
    const { value, grads } = tf.variableGrads(loss, [...variables.values()]);
    optimizer.applyGradients(grads);
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
        const gradient = made.grads[(variables.get(name) as TfVariable).name];
        gradients.set(name, fromTf(shape, await gradient.data(), shape.length === 4));
      }
      const [value] = await made.value.data();
      drop(made);
      bytes.restart();
      return { loss: value, gradients };
    },
    async run() {
      const made = step();
      // The update comes last: reading one byte of it waits for the whole step.
      const last = [...variables.values()].at(-1) as TfVariable;
      await last.data();
      drop(made);
    },
    peakBytes: bytes.peak,
    close() {
      for (const variable of variables.values()) variable.dispose();
      optimizer.dispose();
    },
  };
}

function createPrediction(tf: Tf, bytes: GpuBytes, network: Network): PredictRunner {
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
    peakBytes: bytes.peak,
    close() {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}
