import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { slice } from "../../src/model/parameters.js";
import { predictionSpec } from "../../src/predict/tile-graph.js";
import { createTrainer } from "../../src/train/step.js";
import type { GpuBytes } from "../gpu-bytes.js";
import { LEARNING_RATE, MOMENTUM, type Network } from "../network.js";
import { micrographLayer } from "./micrograph-layers.js";
import { micrographOp } from "./micrograph-ops.js";
import type { Engine, PredictRunner, StepRunner } from "./types.js";

export function micrograph(device: Device, bytes: GpuBytes): Engine {
  return {
    name: "micrograph",
    step: (network) => createStep(device, bytes, network),
    predict: (network) => createPrediction(device, bytes, network),
    layer: (layer) => micrographLayer(device, layer),
    op: (one) => micrographOp(device, one),
  };
}

async function createStep(device: Device, bytes: GpuBytes, network: Network): Promise<StepRunner> {
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
  const { slotBytes, livePeakBytes } = trainer.plan.memory;
  return {
    async first() {
      trainer.restore(start, 0);
      trainer.step(batch);
      const [{ loss }] = await trainer.losses();
      const tensors = await trainer.tensors();
      // The first velocity of SGD with momentum is the gradient.
      const velocity = (name: string) => tensors.get(`optimizer.velocity.${name}`)?.data;
      bytes.restart();
      const found = [...weights.keys()].map((name) => [name, velocity(name)] as const);
      return { loss, gradients: new Map(found.map(([name, data]) => [name, data ?? NONE])) };
    },
    async run() {
      trainer.step(batch);
      await device.idle();
    },
    peakBytes: bytes.peak,
    planBytes: trainer.totalBytes,
    liveBytes: trainer.totalBytes - (slotBytes - livePeakBytes),
    close: () => trainer.close(),
  };
}

const NONE = new Float32Array();

async function createPrediction(
  device: Device,
  bytes: GpuBytes,
  network: Network,
): Promise<PredictRunner> {
  const { model, tile, weights } = network;
  bytes.restart();
  const parameters = createState(device, "parameters", model.parameters.floats);
  const flat = new Float32Array(model.parameters.floats);
  for (const parameter of model.parameters.list) {
    slice(parameter, flat).set(weights.get(parameter.name)?.data ?? NONE);
  }
  parameters.write(flat);
  const spec = predictionSpec(model, tile);
  const states = { parameters: parameters.buffer };
  const plan = await compilePlan(device, { ...spec, states, statesAreConstant: true });
  return {
    async run() {
      plan.run({ image: network.image });
      return plan.read(spec.outputs[0]);
    },
    peakBytes: bytes.peak,
    close() {
      plan.close();
      parameters.close();
    },
  };
}
