// A plan that trains by several losses at once, each with parameters of its own, for the examples
// whose training is more than one network with one loss.
//
// In your own project: from "micrograph/ops".

import {
  adam,
  compilePlan,
  createState,
  type Device,
  gradients,
  groupUpdates,
  type Inputs,
  initialValues,
  input,
  type ParameterLayout,
  type Plan,
  type State,
  type Tensor,
} from "../src/operations.js";

/** A loss, and the parameters that Adam changes to lower it, by their names. */
export interface Objective {
  /** `[1]` */
  readonly loss: Tensor;
  readonly parameters: RegExp;
}

export interface AdamOptions {
  /** The parameters of all networks. */
  readonly layout: ParameterLayout;
  /** The tensors of the parameters that the graph was built with (`parameterTensors`). */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly objectives: readonly Objective[];
  /** Tensors to read, in addition to the losses. */
  readonly outputs?: readonly Tensor[];
  /** The decay of the mean of the gradients. By default 0.9. */
  readonly beta1?: number;
  /** Of the initial values. By default 1. */
  readonly seed?: number;
}

/** The plan of a training step. */
export interface AdamPlan {
  /** Parameters by `layout`: for plans that use the trained network. */
  readonly parameters: State;
  /** One step for all objectives. */
  step(inputs: Inputs, learningRate: number): void;
  /** Reads a loss or an output of the last step. */
  read: Plan["read"];
  close(): void;
}

/** Compiles a step that lowers every loss by the gradients of its own parameters. */
export async function compileAdam(
  device: Device,
  name: string,
  { layout, tensors, objectives, outputs = [], beta1 = 0.9, seed = 1 }: AdamOptions,
): Promise<AdamPlan> {
  const outputsInto = new Map<Tensor, { state: string; offset: number }>();
  for (const { loss, parameters } of objectives) {
    const own = layout.trained.filter((parameter) => parameters.test(parameter.name));
    const found = gradients(
      loss,
      own.map((parameter) => tensors.get(parameter.name) as Tensor),
    );
    for (const [i, gradient] of found.entries()) {
      if (!gradient) throw new Error(`${name}: the loss does not depend on ${own[i].name}`);
      outputsInto.set(gradient, { state: "gradients", offset: own[i].offset });
    }
  }
  const beta2 = 0.999;
  const updates = groupUpdates(
    layout,
    objectives.map(({ parameters }) => ({
      match: parameters,
      moments: ["mean", "square"],
      update: (range) => adam(range, { beta1, beta2, epsilon: 1e-8 }),
    })),
    { step: input("adam", [4]), after: [...outputsInto.keys()] },
  );
  const state = (what: string) => createState(device, what, layout.floats);
  const [parameters, ...others] = ["parameters", "gradients", "mean", "square"].map(state);
  const [own, mean, square] = others;
  parameters.write(initialValues(layout, seed));
  const plan = await compilePlan(device, {
    name,
    outputs: [...objectives.map(({ loss }) => loss), ...outputs],
    outputsInto,
    updates,
    states: {
      parameters: parameters.buffer,
      gradients: own.buffer,
      mean: mean.buffer,
      square: square.buffer,
    },
  });
  let count = 0;
  return {
    parameters,
    step(inputs, learningRate) {
      count++;
      const adamStep = [count, learningRate, 1 - beta1 ** count, 1 - beta2 ** count];
      plan.run({ ...inputs, adam: adamStep });
    },
    read: plan.read,
    close() {
      plan.close();
      for (const one of [parameters, ...others]) one.close();
    },
  };
}
