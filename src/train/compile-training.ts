// Training steps of any graph: several losses, each with parameters, an optimiser and a learning rate
// of its own, in one plan. `createTrainer` is for models; this is for everything else, such as
// two networks that train each other, or an image that is trained itself.

import { checkKeys, type Keys } from "../arguments/keys.js";
import type { Device } from "../gpu/device.js";
import { compilePlan } from "../gpu/plan.js";
import type { Plan } from "../gpu/plan-run.js";
import type { Inputs } from "../gpu/plan-spec.js";
import { createState, type State } from "../gpu/state.js";
import type { Node } from "../graph/op.js";
import { elementCount, expectTensor, input, type Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import { groupUpdates, type ParameterGroup } from "../model/parameter-groups.js";
import { initialValues, type Parameter, type ParameterLayout } from "../model/parameters.js";
import { gradients } from "../ops/gradients.js";
import { add } from "../ops/index.js";
import { type OptimizerSettings, settledOptimizer } from "./optimizer-settings.js";

/** A loss, and the parameters that are changed to lower it. */
export interface Objective {
  /** `[1]`. Several objectives may share one: groups of its parameters. */
  readonly loss: Tensor;
  /** The parameters by their names; by default all that no earlier objective has. */
  readonly parameters?: RegExp | ((name: string) => boolean) | undefined;
  /** By default Adam. */
  readonly optimizer?: OptimizerSettings | undefined;
  /** The factor of the learning rate of a step, by default 1. */
  readonly rate?: number | undefined;
}

/** What is trained, and by which losses. */
export interface TrainingSpec {
  /** Begins its errors and the labels on the GPU. */
  readonly name: string;
  /** The parameters of all networks (`layOut`). The graph reads them by `networkLayers` or `parameterTensors`. */
  readonly layout: ParameterLayout;
  /** Parameters that none has keep their values. */
  readonly objectives: readonly Objective[];
  /** Tensors to read after a step, besides the losses. */
  readonly outputs?: readonly Tensor[] | undefined;
  /** Other nodes that a step must run, such as those of a batch norm's running averages. */
  readonly updates?: readonly Node[] | undefined;
  /** The seed of the initial values. By default 1. */
  readonly seed?: number | undefined;
}

/** A compiled training step. */
export interface GraphTraining {
  /** The parameters by `layout`: a state "parameters" for plans that use what was trained. */
  readonly parameters: State;
  /** Runs a step for all objectives with this learning rate. Inputs that are left out keep their values. */
  step(inputs: Inputs, learningRate: number): void;
  /** Reads a loss or an output of the last step. */
  read: Plan["read"];
  /** Reads a parameter by its name. Throws if there is none with this name. */
  values(name: string): Promise<Float32Array>;
  /** Releases the plan and its states; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

const SPEC: Keys<TrainingSpec> = {
  name: 1,
  layout: 1,
  objectives: 1,
  outputs: 1,
  updates: 1,
  seed: 1,
};
const OBJECTIVE: Keys<Objective> = { loss: 1, parameters: 1, optimizer: 1, rate: 1 };

/**
 * Compiles a training step that lowers every loss by the gradients of its own parameters. All
 * gradients are those at the parameters before the step. Throws if an objective has no parameters, or
 * parameters that its loss does not depend on.
 */
export async function compileTraining(device: Device, spec: TrainingSpec): Promise<GraphTraining> {
  checkKeys("compileTraining", spec, SPEC);
  const { name, layout, objectives, outputs = [], updates = [], seed = 1 } = spec;
  const owned = ownedParameters(name, layout, objectives);
  const outputsInto = gradientsOf(name, objectives, owned);
  const optimizers = objectives.map(({ optimizer }) => settledOptimizer(name, optimizer));
  const steps = objectives.map((_, i) => input(`${name}: step of objective ${i}`, [4]));
  const groups = objectives.map((_, i): ParameterGroup => {
    const own = new Set(owned[i].map((parameter) => parameter.name));
    const { moments, update } = optimizers[i];
    return { match: (parameter) => own.has(parameter), update, moments, step: steps[i] };
  });
  const isFrozen = layout.trained.length > owned.flat().length;
  const optimizing = groupUpdates(layout, isFrozen ? [...groups, { frozen: true }] : groups, {
    step: steps[0],
    after: [...outputsInto.keys()],
  });
  const names = [
    "parameters",
    "gradients",
    ...new Set(groups.flatMap(({ moments }) => moments ?? [])),
  ];
  const states = new Map<string, State>();
  const close = () => {
    for (const state of states.values()) state.close();
  };
  let plan: Plan;
  try {
    for (const state of names) {
      const floats = state === "parameters" ? layout.floats : layout.trainedFloats;
      states.set(state, createState(device, state, floats));
    }
    states.get("parameters")?.write(initialValues(layout, seed));
    plan = await compilePlan(device, {
      name,
      outputs: [...new Set([...objectives.map(({ loss }) => loss), ...outputs])],
      outputsInto,
      updates: [...updates, ...optimizing],
      states: Object.fromEntries([...states].map(([state, { buffer }]) => [state, buffer])),
    });
  } catch (error) {
    close();
    throw error;
  }
  let count = 0;
  const parameters = states.get("parameters") as State;
  const closeAll = () => {
    plan.close();
    close();
  };
  return {
    parameters,
    step(inputs, learningRate) {
      count++;
      const own = objectives.map(({ rate = 1 }, i) => {
        const [first, second] = optimizers[i].decays;
        const numbers = [count, rate * learningRate, 1 - first ** count, 1 - second ** count];
        return [steps[i].name, numbers] as const;
      });
      plan.run({ ...inputs, ...Object.fromEntries(own) });
    },
    read: plan.read,
    async values(of) {
      const found = layout.list.find((parameter) => parameter.name === of);
      if (!found) throw new Error(`${name}: there is no parameter ${of}`);
      const all = await parameters.read();
      return all.slice(found.offset, found.offset + elementCount(found.shape));
    },
    close: closeAll,
    [Symbol.dispose]: closeAll,
  };
}

/** The parameters of each objective: the first one that matches a parameter has it. */
function ownedParameters(
  name: string,
  { trained }: ParameterLayout,
  objectives: readonly Objective[],
): Parameter[][] {
  if (!Array.isArray(objectives) || objectives.length === 0) {
    throw new Error(`${name}: expected at least one objective, such as { loss }`);
  }
  let left = [...trained];
  return objectives.map((objective, i) => {
    checkKeys(`${name}: objective ${i}`, objective, OBJECTIVE);
    const { parameters: match = () => true, rate = 1 } = objective;
    if (!Number.isFinite(rate)) {
      throw new Error(`${name}: the rate of objective ${i} must be a number, got ${rate}`);
    }
    const isOwn = (parameter: Parameter) =>
      typeof match === "function" ? match(parameter.name) : parameter.name.search(match) >= 0;
    const own = left.filter(isOwn);
    if (own.length === 0) {
      throw new Error(
        `${name}: objective ${i} has none of the parameters ${left.map((one) => one.name).join(", ") || "(no others are left)"}`,
      );
    }
    left = left.filter((parameter) => !own.includes(parameter));
    return own;
  });
}

/** The gradients, and where they are written to. The graph of a loss is walked once. */
function gradientsOf(
  name: string,
  objectives: readonly Objective[],
  owned: readonly (readonly Parameter[])[],
) {
  const into = new Map<Tensor, { state: string; offset: number }>();
  for (const [i, { loss }] of objectives.entries()) {
    expectTensor(name, `the loss of objective ${i}`, loss);
    if (objectives.findIndex((other) => other.loss === loss) < i) continue;
    const own = owned.flatMap((list, j) => (objectives[j].loss === loss ? list : []));
    const read = readParameters(loss);
    const tensors = own.map(({ offset }) => read.get(offset) ?? []);
    const found = gradients(loss, tensors.flat());
    for (const [j, parameter] of own.entries()) {
      const parts = found.splice(0, tensors[j].length).flatMap((gradient) => gradient ?? []);
      if (parts.length === 0) {
        throw new Error(
          `${name}: the loss of objective ${i} does not depend on ${parameter.name}: leave it out by \`parameters\``,
        );
      }
      const gradient = parts.reduce((sum, part) => add(sum, part));
      into.set(gradient, { state: "gradients", offset: parameter.offset });
    }
  }
  return into;
}

/** The tensors of parameters that a loss depends on, by their offsets: several if they were made anew. */
function readParameters(loss: Tensor): Map<number, Tensor[]> {
  const tensors = new Map<number, Tensor[]>();
  for (const tensor of new Set(nodesFor([loss]).flatMap(({ inputs }) => inputs))) {
    const { source } = tensor;
    if (source?.kind !== "state" || source.state !== "parameters") continue;
    tensors.set(source.offset, [...(tensors.get(source.offset) ?? []), tensor]);
  }
  return tensors;
}
