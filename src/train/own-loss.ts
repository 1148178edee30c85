// A step with a loss of the caller's, and batches with targets for it or with further inputs of the
// network. Pages load this when a run has one.

import { checkNumbers, firstNotFinite } from "../arguments/numbers.js";
import type { Inputs } from "../gpu/plan-spec.js";
import { input, ShapeError, type Tensor, text } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { LossFunction, LossTensors, Model } from "../model/model.js";
import { inputName } from "../model/network-inputs.js";
import { weightedCrossEntropy } from "../ops/loss/weighted-cross-entropy.js";
import type { OwnBatch, StepLoss } from "./training-types.js";

/** What a step with a loss of its own does differently. */
export interface OwnLoss {
  /** Returns the loss of a batch of `size` outputs of side `output`; called once, by `stepSpec`. */
  loss(tensors: Omit<LossTensors, "targets">): Tensor;
  /** Returns the inputs of the plan. Throws if the batch lacks one, or holds NaN or infinity. */
  inputs(batch: OwnBatch, where: string): Inputs;
}

const plainLoss: LossFunction = ({ logits, label, weight }) =>
  weightedCrossEntropy(logits, label, weight, "loss");

/** Names of the inputs: targets may have any name, "label" too. */
const inputOf = (name: string) => `targets.${name}`;

/** Throws for targets that are not numbers of channels. */
export function ownLoss(
  { loss, targets = {} }: StepLoss,
  { loss: usual = plainLoss, inputs = {} }: Pick<Model, "loss" | "inputs">,
): OwnLoss {
  const lossOf = loss ?? usual;
  if (typeof lossOf !== "function") {
    throw new Error("the loss must be a function of tensors that returns one number [1]");
  }
  for (const [name, channels] of Object.entries(targets)) {
    if (Number.isSafeInteger(channels) && channels >= 1) continue;
    throw new Error(`targets.${name} must be a number of channels, from 1, got ${channels}`);
  }
  /** The names of the inputs that the step reads. */
  let used: ReadonlySet<string> = new Set();
  return {
    loss(tensors) {
      const [size, , height, width] = tensors.label.shape;
      const named = Object.entries(targets).map(([name, channels]) => [
        name,
        input(inputOf(name), [size, channels, height, width]),
      ]);
      const result = lossOf({ ...tensors, targets: Object.fromEntries(named) });
      if (result?.layout !== "dense" || `${result.shape}` !== "1") {
        const got = result?.shape ? `${result.layout} ${text(result.shape)}` : typeof result;
        throw new ShapeError(`the loss must be one number, dense [1], got ${got}: use sum or mean`);
      }
      const read = nodesFor([result]).flatMap(({ inputs }) => inputs);
      used = new Set(read.filter(({ source }) => source?.kind === "input").map(({ name }) => name));
      return result;
    },
    inputs(batch, where) {
      const { image, label, weight } = batch;
      const given = Object.entries({ image, label, weight }).filter(([, values]) => values);
      const named = (
        kind: "targets" | "inputs",
        expected: object,
        nameOf: (own: string) => string,
      ) =>
        Object.entries(batch[kind] ?? {}).map(([name, values]) => {
          if (name in expected) return [nameOf(name), values] as const;
          const known = Object.keys(expected).join(", ") || "none";
          throw new Error(`${where}: the batch has ${kind}.${name}, the run has ${known}`);
        });
      const own = [...named("targets", targets, inputOf), ...named("inputs", inputs, inputName)];
      const all = Object.fromEntries([...given, ...own].filter(([name]) => used.has(name)));
      for (const name of used) {
        if (name === "step" || name === "batch") continue;
        const values = all[name];
        if (!values) throw new Error(`${where}: the batch has no ${name}, which the step reads`);
        checkNumbers(`${where}: ${name}`, values);
        const at = firstNotFinite(values);
        if (at < 0) continue;
        throw new Error(`${where}: ${name} is ${values[at]} at ${at}, expected finite numbers`);
      }
      return all as Inputs;
    },
  };
}
