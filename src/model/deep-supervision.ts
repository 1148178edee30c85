// Deep supervision (Lee et al. 2015; Dou et al. 2016): heads at lower levels of a decoder are
// compared with the labels too, so that gradients reach these levels directly.

import { ShapeError, type Tensor, text } from "../graph/tensor.js";
import { add } from "../ops/elementwise/add.js";
import { scale } from "../ops/elementwise/scale.js";
import { weightedCrossEntropy } from "../ops/loss/weighted-cross-entropy.js";
import { slice } from "../ops/rearrange/slice.js";
import type { LossFunction, LossTensors } from "./model.js";

const plainLoss: LossFunction = ({ logits, label, weight }) =>
  weightedCrossEntropy(logits, label, weight);

/**
 * Returns the weighted mean of `loss` over the logits and the outputs "level2", "level3", ..., which
 * are 2, 4, ... times smaller: each counts half of the one before, as in nnU-Net (Isensee et al.
 * 2021). A pixel of a lower level has label, weight and targets of the pixel at its centre. By
 * default the loss is the weighted cross-entropy.
 */
export function deeplySupervised(loss: LossFunction = plainLoss): LossFunction {
  return (tensors) => {
    const levels = levelsOf(tensors);
    const total = levels.reduce((sum, { factor }) => sum + factor, 0);
    const parts = levels.map(({ factor, level, tensors }) =>
      scale(loss(tensors), factor / total, `loss of level ${level}`),
    );
    return parts.reduce((sum, part) => add(sum, part, "deep supervision"));
  };
}

interface SupervisedLevel {
  readonly level: number;
  readonly factor: number;
  readonly tensors: LossTensors;
}

function levelsOf(tensors: LossTensors): SupervisedLevel[] {
  const { outputs, label, weight, targets, logits } = tensors;
  const levels: SupervisedLevel[] = [{ level: 1, factor: 1, tensors }];
  for (let level = 2; outputs[`level${level}`]; level++) {
    const own = outputs[`level${level}`];
    const step = 2 ** (level - 1);
    if (own.shape[2] * step !== logits.shape[2] || own.shape[3] * step !== logits.shape[3]) {
      throw new ShapeError(
        `level${level} must be ${step} times smaller than the logits ${text(logits.shape)}, got ${text(own.shape)}`,
      );
    }
    const at = (x: Tensor, name: string) => centres(x, step, `${name} of level ${level}`);
    const named = Object.entries(targets).map(([name, target]) => [name, at(target, name)]);
    levels.push({
      level,
      factor: 1 / step,
      tensors: {
        ...tensors,
        logits: own,
        label: at(label, "label"),
        weight: at(weight, "weight"),
        targets: Object.fromEntries(named),
      },
    });
  }
  return levels;
}

/** Returns the pixels at the centres of squares of this side. */
function centres(x: Tensor, side: number, name: string): Tensor {
  const first = side / 2;
  return slice(x, { starts: [first, first], steps: [side, side], axes: [2, 3], name });
}
