// Single ops of Micrograph, a plan for each.

import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input, stateTensor, type Tensor } from "../../src/graph/tensor.js";
import {
  adam,
  conv2d,
  gradients,
  maxPool2d,
  sgd,
  upConv2d,
  weightedCrossEntropy,
} from "../../src/ops/index.js";
import {
  ADAM,
  isUpdate,
  type LayerCase,
  type LossCase,
  type OpCase,
  UPDATES,
  type UpdateCase,
  type Values,
} from "../layer-cases.js";
import { LEARNING_RATE, MOMENTUM } from "../network.js";
import type { LayerRunner } from "./types.js";

export async function micrographLayer(device: Device, layer: LayerCase): Promise<LayerRunner> {
  if (isUpdate(layer)) return createUpdate(device, layer);
  const { output, values } = graphOf(layer);
  const plan = await compilePlan(device, { name: layer.work, outputs: [output] });
  plan.run(values);
  return {
    async run() {
      plan.run();
      await device.idle();
    },
    result: () => plan.read(output),
    close: () => plan.close(),
  };
}

const OPS = {
  convolution: ([x, weight]: readonly Tensor[]) => conv2d(x, weight),
  "up-convolution": ([x, weight]: readonly Tensor[]) => upConv2d(x, weight),
  "max-pool": ([x]: readonly Tensor[]) => maxPool2d(x),
};

/** Returns what to compute, and the values of the inputs that it needs. */
function graphOf(layer: OpCase | LossCase): {
  output: Tensor;
  values: Record<string, Float32Array>;
} {
  const values: Record<string, Float32Array> = {};
  const given = (name: string, { shape, values: data, isImage }: Values, isRead = true) => {
    if (isRead) values[name] = data;
    return input(name, shape, isImage ? "image" : "dense");
  };
  if (layer.op === "loss") {
    const [logits, label, map] = layer.inputs.map((one, i) => given(`input ${i}`, one));
    return { output: gradientOf(weightedCrossEntropy(logits, label, map), logits), values };
  }
  const { gradient, op } = layer;
  // The gradient with respect to one factor of a product does not read that factor.
  const unread = op === "max-pool" ? undefined : gradient?.of;
  const tensors = layer.inputs.map((one, i) => {
    return given(`input ${i}`, one, unread !== (i === 0 ? "input" : "weight"));
  });
  const y = OPS[op](tensors);
  if (!gradient) return { output: y, values };
  const by = tensors[gradient.of === "input" ? 0 : 1];
  return { output: gradientOf(y, by, given("dy", gradient.dy)), values };
}

function gradientOf(y: Tensor, by: Tensor, dy?: Tensor): Tensor {
  const [gradient] = gradients(y, [by], dy);
  if (!gradient) throw new Error(`${y.name} does not depend on ${by.name}`);
  return gradient;
}

async function createUpdate(device: Device, layer: UpdateCase): Promise<LayerRunner> {
  const [start, gradient] = layer.inputs;
  const count = start.values.length;
  const { learningRate: _, ...coefficients } = ADAM;
  const moments = layer.op === "sgd" ? ["velocity"] : ["mean", "square"];
  const states = ["parameters", ...moments].map((name) => createState(device, name, count));
  const [parameters] = states;
  const flat = (name: string) => stateTensor(name, [count], name);
  const tensors = {
    parameters: flat("parameters"),
    gradients: input("gradients", [count]),
    moments: moments.map(flat),
    step: input("step", [4]),
    after: [],
  };
  const update =
    layer.op === "sgd" ? sgd(tensors, { momentum: MOMENTUM }) : adam(tensors, coefficients);
  const buffers = ["parameters", ...moments].map((name, i) => [name, states[i].buffer]);
  const plan = await compilePlan(device, {
    name: layer.work,
    outputs: [],
    updates: [update],
    states: Object.fromEntries(buffers),
  });
  const run = (t: number) => {
    const rate = layer.op === "sgd" ? LEARNING_RATE : ADAM.learningRate;
    const step = [t - 1, rate, 1 - ADAM.beta1 ** t, 1 - ADAM.beta2 ** t];
    plan.run(t === 1 ? { gradients: gradient.values, step } : { step });
  };
  let done = 0;
  return {
    async run() {
      run(++done);
      await device.idle();
    },
    async result() {
      for (const state of states) state.write(new Float32Array(count));
      parameters.write(start.values);
      for (done = 0; done < UPDATES; ) run(++done);
      return (await parameters.read()).map((value, i) => value - start.values[i]);
    },
    close() {
      plan.close();
      for (const state of states) state.close();
    },
  };
}
