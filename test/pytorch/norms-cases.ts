import { compilePlan } from "../../src/gpu/plan.js";
import { readBuffer } from "../../src/gpu/read.js";
import { constant, input, type Shape, stateTensor } from "../../src/graph/tensor.js";
import { batchNorm, groupNorm, instanceNorm, layerNorm } from "../../src/ops/index.js";
import { stateBuffer } from "../state.js";
import { graphCase, type PyTorchCase, values } from "./pytorch-case.js";

const X: Shape = [2, 4, 5, 7];
const dense = (shape: Shape) => ({ shape, layout: "dense" as const });
const fixed = {
  mean: constant("mean", [4], values([4], 8)),
  variance: constant("variance", [4], values([4], 9).map(Math.abs)),
};

/** The running averages of a batch norm after three batches. */
const runningAverages: PyTorchCase = {
  name: "running averages",
  async compute(device) {
    const states = {
      mean: stateBuffer(device, "mean", new Float32Array(4)),
      variance: stateBuffer(device, "variance", new Float32Array(4).fill(1)),
    };
    const [mean, variance] = Object.keys(states).map((name) => stateTensor(name, [4], name));
    const { updates } = batchNorm(input("x", X), { running: { mean, variance } });
    const plan = await compilePlan(device, { name: "running", outputs: [], updates, states });
    for (const seed of [1, 2, 3]) plan.run({ x: values(X, seed) });
    const read = (buffer: GPUBuffer) => readBuffer(device, buffer, 0, 16);
    const found = { mean: await read(states.mean), variance: await read(states.variance) };
    plan.close();
    for (const buffer of Object.values(states)) buffer.destroy();
    return found;
  },
};

export const norms: readonly PyTorchCase[] = [
  graphCase("batchNorm", [X, [4], [4]], (x, gain, bias) => batchNorm(x, { gain, bias }).y),
  graphCase(
    "batchNorm, predicting",
    [X, [4], [4]],
    (x, gain, bias) =>
      batchNorm(x, { gain, bias, running: fixed, training: false, epsilon: 0.01 }).y,
  ),
  graphCase(
    "batchNorm, dense",
    [[16, 7], [7], [7]],
    (x, gain, bias) => batchNorm(x, { gain, bias }).y,
  ),
  graphCase("instanceNorm, leaky", [[2, 4, 5, 6]], (x) =>
    instanceNorm(x, { activation: "leakyRelu", slope: 0.1 }),
  ),
  graphCase("groupNorm, relu", [X, [4], [4]], (x, gain, bias) =>
    groupNorm(x, 2, { gain, bias, activation: "relu" }),
  ),
  graphCase("layerNorm of [C,H,W]", [X, dense(X.slice(1)), dense(X.slice(1))], (x, gain, bias) =>
    layerNorm(x, [1, 2, 3], { gain, bias }),
  ),
  graphCase("layerNorm of [W]", [X, [7], [7]], (x, gain, bias) =>
    layerNorm(x, [-1], { gain, bias }),
  ),
  graphCase("layerNorm, dense", [[3, 2, 9], [9], [9]], (x, gain, bias) =>
    layerNorm(x, undefined, { gain, bias }),
  ),
  graphCase("layerNorm of channels", [X, [4], [4]], (x, gain, bias) =>
    layerNorm(x, [1], { gain, bias }),
  ),
  runningAverages,
];
