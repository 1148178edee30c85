import { compilePlan } from "../../src/gpu/plan.js";
import { readBuffer } from "../../src/gpu/read.js";
import type { Node } from "../../src/graph/op.js";
import { input, stateTensor } from "../../src/graph/tensor.js";
import { adam, sgd } from "../../src/ops/update/general-optimizers.js";
import { rmsprop } from "../../src/ops/update/l2-optimizers.js";
import type { UpdateTensors } from "../../src/ops/update/optimizers.js";
import { stateBuffer } from "../state.js";
import { type PyTorchCase, values } from "./pytorch-case.js";

const COUNT = 70;
const RATE = 0.05;
const [beta1, beta2] = [0.9, 0.999];

/** Ten steps of a range of 70 parameters, from float 64 of each state. */
const after = (
  name: string,
  momentCount: number,
  update: (tensors: UpdateTensors) => Node,
): PyTorchCase => ({
  name,
  async compute(device) {
    const moments = Array.from({ length: momentCount }, (_, i) => `moment ${i}`);
    const flat = (own: Float32Array) => Float32Array.of(...new Float32Array(64).fill(7), ...own);
    const states: Record<string, GPUBuffer> = {};
    for (const moment of moments)
      states[moment] = stateBuffer(device, moment, new Float32Array(136));
    states.parameters = stateBuffer(device, "parameters", flat(values([COUNT], 1)));
    states.gradients = stateBuffer(device, "gradients", new Float32Array(136));
    const range = (state: string) => stateTensor(state, [COUNT], state, 64);
    const node = update({
      parameters: range("parameters"),
      gradients: range("gradients"),
      moments: moments.map(range),
      step: input("step", [4]),
      after: [],
    });
    const plan = await compilePlan(device, { name, outputs: [], updates: [node], states });
    for (let t = 1; t <= 10; t++) {
      const given = values([COUNT], 9 + t) as Float32Array<ArrayBuffer>;
      device.gpu.queue.writeBuffer(states.gradients, 256, given);
      plan.run({ step: [t - 1, RATE, 1 - beta1 ** t, 1 - beta2 ** t] });
    }
    const read = await readBuffer(device, states.parameters, 0, 4 * (64 + 72));
    if (read.slice(0, 64).some((value) => value !== 7)) throw new Error("it changed other floats");
    plan.close();
    for (const buffer of Object.values(states)) buffer.destroy();
    return { parameters: read.slice(64, 64 + COUNT) };
  },
});

const own = { beta1, beta2, epsilon: 1e-8 };

export const optimizers: readonly PyTorchCase[] = [
  after("sgd", 1, (t) => sgd(t, { momentum: 0.9 })),
  after("sgd, l2", 1, (t) => sgd(t, { momentum: 0.9, l2: 0.1 })),
  after("sgd, nesterov", 1, (t) => sgd(t, { momentum: 0.9, nesterov: true, l2: 0.1 })),
  after("adam, l2", 2, (t) => adam(t, { ...own, l2: 0.1 })),
  after("adamw", 2, (t) => adam(t, { ...own, decay: 0.1 })),
  after("rmsprop", 3, (t) => rmsprop(t)),
  after("rmsprop, centered", 3, (t) =>
    rmsprop(t, { alpha: 0.9, momentum: 0.5, centered: true, l2: 0.1 }),
  ),
];
