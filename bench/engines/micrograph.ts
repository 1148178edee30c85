import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { apply, input, type Tensor } from "../../src/graph/tensor.js";
import { slice } from "../../src/model/parameters.js";
import { conv2dOp, conv2dWeightGradientOp } from "../../src/ops/conv2d.js";
import { conv2d, gradients, maxPool2d, upConv2d } from "../../src/ops/index.js";
import { weightedCrossEntropyOp } from "../../src/ops/weighted-cross-entropy.js";
import { predictionSpec } from "../../src/train/predict.js";
import { createTrainer } from "../../src/train/step.js";
import { LEARNING_RATE, MOMENTUM, type Network } from "../network.js";
import type { Engine, LayerCase, LayerRunner, PredictRunner, StepRunner } from "./types.js";

export function micrograph(device: Device): Engine {
  return {
    name: "micrograph",
    step: (network) => createStep(device, network),
    predict: (network) => createPrediction(device, network),
    layer: (layer) => createLayer(device, layer),
  };
}

async function createStep(device: Device, network: Network): Promise<StepRunner> {
  const { model, tile, weights, image, label, weight } = network;
  const trainer = await createTrainer(device, model, {
    tile,
    batch: 1,
    optimizer: "sgd",
    learningRate: LEARNING_RATE,
    momentum: MOMENTUM,
    seed: 0,
  });
  const velocities = [...weights].map(([name, { shape, data }]) => {
    return [`optimizer.velocity.${name}`, { shape, data: new Float32Array(data.length) }] as const;
  });
  const start = new Map([...weights, ...velocities]);
  const batch = { image, label, weight };
  return {
    async first() {
      trainer.restore(start, 0);
      trainer.step(batch);
      const [{ loss }] = await trainer.losses();
      const tensors = await trainer.tensors();
      // The first velocity of SGD with momentum is the gradient.
      const velocity = (name: string) => tensors.get(`optimizer.velocity.${name}`)?.data;
      const found = [...weights.keys()].map((name) => [name, velocity(name)] as const);
      return { loss, gradients: new Map(found.map(([name, data]) => [name, data ?? NONE])) };
    },
    async run() {
      trainer.step(batch);
      await device.idle();
    },
    peakBytes: () => trainer.totalBytes,
    close: () => trainer.close(),
  };
}

const NONE = new Float32Array();

async function createPrediction(device: Device, network: Network): Promise<PredictRunner> {
  const { model, tile, weights } = network;
  const parameters = createState(device, "parameters", model.parameters.floats);
  const flat = new Float32Array(model.parameters.floats);
  for (const parameter of model.parameters.list) {
    slice(parameter, flat).set(weights.get(parameter.name)?.data ?? NONE);
  }
  parameters.write(flat);
  const spec = predictionSpec(model, tile);
  const states = { parameters: parameters.buffer };
  const plan = await compilePlan(device, { ...spec, states, frozen: true });
  return {
    async run() {
      plan.run({ image: network.image });
      return plan.read(spec.outputs[0]);
    },
    close() {
      plan.close();
      parameters.close();
    },
  };
}

async function createLayer(device: Device, layer: LayerCase): Promise<LayerRunner | undefined> {
  const tensors = layer.inputs.map(({ shape, isImage }, i) =>
    input(`input ${i}`, shape, isImage ? "image" : "dense"),
  );
  const output = layerOutput(layer, tensors);
  if (!output) return undefined;
  const plan = await compilePlan(device, { name: layer.work, outputs: [output] });
  const values = layer.inputs.map((one, i) => [`input ${i}`, one.values] as const);
  plan.run(Object.fromEntries(values));
  return {
    async run() {
      plan.run();
      await device.idle();
    },
    result: () => plan.read(output),
    close: () => plan.close(),
  };
}

function layerOutput({ kind }: LayerCase, [a, b, c]: readonly Tensor[]): Tensor | undefined {
  const full = { border: 2, activation: "none", transposed: true } as const;
  switch (kind) {
    case "convolution":
      return conv2d(a, b);
    case "convolution input gradient":
      return apply(conv2dOp, [a, b], full)[0];
    case "convolution weight gradient":
      return apply(conv2dWeightGradientOp, [a, b], { border: 0, kernel: 3, bias: false })[0];
    case "up-convolution":
      return upConv2d(a, b);
    case "max-pool":
      return maxPool2d(a);
    case "max-pool gradient":
      return gradients(maxPool2d(a), [a], b)[0];
    case "loss gradient":
      return apply(weightedCrossEntropyOp, [a, b, c], undefined)[1];
  }
}
