// Describes what a run that starts from a checkpoint does not take from it.

import { splitTask, type Task } from "../data/task.js";
import type { Architecture } from "../model/architecture.js";
import { createModel } from "../model/architectures.js";
import type { ModelConfig } from "../model/model.js";
import { layerOf } from "../model/parameters.js";

/**
 * Returns sentences on what a run of the model `to` does not take from a checkpoint of the model
 * `from`: "The last layer is new: 2 classes became 3." Both are configurations with the task's
 * fields. `models`: architectures besides the built-in ones.
 */
export function newLayerRemarks(
  from: ModelConfig & Task,
  to: ModelConfig & Task,
  models?: readonly Architecture[],
): string[] {
  const remarks: string[] = [];
  if (from.channels !== to.channels) {
    remarks.push(
      `The first layer is new: ${counted(from.channels, "channel")} became ${to.channels}.`,
    );
  }
  const [before, now] = [from, to].map((one) => splitTask(one).task?.classNames);
  if (from.classes !== to.classes) {
    const isOne = layersOfClasses(to, from.classes, models) === 1;
    const layers = isOne ? "layer is" : "layers are";
    remarks.push(`The last ${layers} new: ${from.classes} classes became ${to.classes}.`);
  } else if (before && now && before.join() !== now.join()) {
    remarks.push(
      `The last layer is kept, although the classes have other names: ${before.join(", ")} ` +
        `became ${now.join(", ")}.`,
    );
  }
  return remarks;
}

/**
 * Returns how many layers change their shape with the number of classes: an FCN scores at several
 * depths.
 */
function layersOfClasses(
  to: ModelConfig,
  classes: number,
  models: readonly Architecture[] | undefined,
): number {
  const [now, before] = [to, { ...to, classes }].map((one) => createModel(one, models).parameters);
  const shapes = new Map(before.list.map(({ name, shape }) => [name, shape.join()]));
  const differing = now.list.filter(({ name, shape }) => shapes.get(name) !== shape.join());
  return new Set(differing.map(layerOf)).size;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
