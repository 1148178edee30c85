// Single ops of tfjs.

import type { Shape } from "../../src/graph/tensor.js";
import {
  ADAM,
  isUpdate,
  type LayerCase,
  type LossCase,
  type OpCase,
  UPDATES,
  type UpdateCase,
} from "../layer-cases.js";
import { LEARNING_RATE, MOMENTUM } from "../network.js";
import { tfjsLoss } from "./tfjs-loss.js";
import { fromTf, type Tf, type TfTensor, toTf } from "./tfjs-types.js";
import type { LayerRunner } from "./types.js";

interface Op {
  compute(): TfTensor;
  /** The result's shape in PyTorch's layout, and whether it is that of a weight. */
  readonly shape: Shape;
  readonly isWeight: boolean;
}

export function tfjsLayer(tf: Tf, layer: LayerCase): LayerRunner {
  if (isUpdate(layer)) return createUpdate(tf, layer);
  const made: TfTensor[] = [];
  const turn = ({ shape, values, isImage }: LayerCase["inputs"][number]) => {
    const tensor = toTf(tf, shape, values, !isImage);
    made.push(tensor);
    return tensor;
  };
  const op = layer.op === "loss" ? lossGradient(tf, layer) : opOf(tf, layer, turn);
  return {
    async run() {
      const y = op.compute();
      await waitFor(tf, y);
      y.dispose();
    },
    async result() {
      const y = op.compute();
      const values = await y.data();
      y.dispose();
      return fromTf(op.shape, values, op.isWeight);
    },
    close() {
      for (const tensor of made) tensor.dispose();
    },
  };
}

/** Reading one element waits for the op, and takes hardly any time. */
async function waitFor(tf: Tf, y: TfTensor): Promise<void> {
  const origin = y.shape.map(() => 0);
  const one = tf.slice(
    y,
    origin,
    y.shape.map(() => 1),
  );
  await one.data();
  one.dispose();
}

function opOf(
  tf: Tf,
  { op, inputs, gradient }: OpCase,
  turn: (values: OpCase["inputs"][number]) => TfTensor,
): Op {
  const [x, weight] = inputs.map(turn);
  const strides = op === "convolution" ? 1 : 2;
  const compute = {
    convolution: () => tf.conv2d(x, weight, 1, "valid"),
    "up-convolution": () => {
      const [n, h, w] = x.shape;
      return tf.conv2dTranspose(x, weight, [n, h * 2, w * 2, weight.shape[2]], 2, "valid");
    },
    "max-pool": () => tf.maxPool(x, 2, 2, "valid"),
  }[op];
  if (!gradient) {
    const y = compute();
    const [n, h, w, c] = y.shape;
    y.dispose();
    return { compute, shape: [n, c, h, w], isWeight: false };
  }
  // The kernels that its gradients call, without the rest of a backward pass.
  const dy = turn(gradient.dy);
  const kernel = (name: string, tensors: object, more: object) => {
    const attributes = { strides, pad: "valid", dataFormat: "NHWC", ...more };
    return () => tf.engine().runKernel(name, tensors, attributes);
  };
  const shape = inputs[gradient.of === "input" ? 0 : 1].shape;
  if (gradient.of === "weight") {
    const filterShape = weight.shape;
    const tensors = op === "convolution" ? { x, dy } : { x: dy, dy: x };
    const compute = kernel("Conv2DBackpropFilter", tensors, { filterShape });
    return { compute, shape, isWeight: true };
  }
  if (op === "max-pool") {
    const output = compute();
    const pooling = kernel("MaxPoolGrad", { dy, input: x, output }, { filterSize: 2 });
    return { compute: pooling, shape, isWeight: false };
  }
  const dx =
    op === "convolution"
      ? kernel("Conv2DBackpropInput", { dy, filter: weight }, { inputShape: x.shape })
      : () => tf.conv2d(dy, weight, 2, "valid");
  return { compute: dx, shape, isWeight: false };
}

function lossGradient(tf: Tf, { inputs: [logits, label, map] }: LossCase): Op {
  const [, , h, w] = logits.shape;
  const variable = tf.variable(toTf(tf, logits.shape, logits.values, false));
  const loss = tfjsLoss(tf, label.values, map.values, [1, h, w]);
  return {
    compute() {
      const { value, grads } = tf.variableGrads(() => loss(variable), [variable]);
      value.dispose();
      return Object.values(grads)[0];
    },
    shape: logits.shape,
    isWeight: false,
  };
}

function createUpdate(tf: Tf, { op, inputs: [start, gradient] }: UpdateCase): LayerRunner {
  const optimizer = () =>
    op === "sgd"
      ? tf.train.momentum(LEARNING_RATE, MOMENTUM)
      : tf.train.adam(ADAM.learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
  const parameters = tf.variable(tf.tensor(start.values, start.shape));
  const grads = { [parameters.name]: tf.tensor(gradient.values, gradient.shape) };
  const running = optimizer();
  return {
    async run() {
      running.applyGradients(grads);
      await waitFor(tf, parameters);
    },
    async result() {
      const first = optimizer();
      for (let i = 0; i < UPDATES; i++) first.applyGradients(grads);
      const values = await parameters.data();
      first.dispose();
      return values.map((value, i) => value - start.values[i]);
    },
    close() {
      running.dispose();
      for (const tensor of [parameters, ...Object.values(grads)]) tensor.dispose();
    },
  };
}
