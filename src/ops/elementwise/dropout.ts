import { checkKeys, type Keys } from "../../arguments/keys.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { expectImage, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/** How elements are dropped. */
export interface DropoutOptions {
  /** Probability that an element becomes 0, from 0 to below 1. */
  readonly rate: number;
  /** One seed gives the same masks. */
  readonly seed: number;
  /**
   * Distinguishes the layers of a network: two layers with the same stream drop the same elements.
   */
  readonly stream: number;
  /**
   * If a step consists of several batches: the index in `step` of the number of images before this
   * batch, so that each image drops the same elements as in one large batch.
   */
  readonly before?: number | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

type Attributes = Omit<DropoutOptions, "name">;

const OPTIONS: Keys<DropoutOptions> = { rate: 1, seed: 1, stream: 1, before: 1, name: 1 };

/**
 * Dropout (Srivastava et al. 2014): x [N,C,H,W], each element 0 with probability `rate`, else x /
 * (1 - rate). `step` is a dense tensor whose first element is the number of the step, so that each
 * step drops other elements. Leave the op out for prediction, where it is the identity.
 */
export function dropout(x: Tensor, step: Tensor, options: DropoutOptions): Tensor {
  checkKeys("dropout", options, OPTIONS);
  const { rate, seed, stream, before, name } = options;
  return apply(dropoutOp, [x, step], { rate, seed: seed >>> 0, stream, before }, name)[0];
}

export const dropoutOp: Op<Attributes> = {
  name: "dropout",
  outputs([x, step], { rate }) {
    expectImage("dropout", "input", x);
    if (step.layout !== "dense") {
      throw new ShapeError(`dropout: step must be a dense tensor, got image ${text(step.shape)}`);
    }
    if (!(rate >= 0 && rate < 1)) {
      throw new ShapeError(`dropout: the rate must be from 0 to below 1, got ${rate}`);
    }
    return [{ shape: x.shape, layout: x.layout }];
  },
  gradient({ inputs: [, step], attributes, name }, [dy]) {
    // The same hash gives the same mask, so the gradient is the op itself.
    return [dy && dropout(dy, step, { ...attributes, name: `${name} gradient` })];
  },
  kernels: [
    {
      name: "dropout",
      dispatches({ inputs: [x, step], outputs: [y], attributes }) {
        const { c, h, w, blocks } = imageSizes(x);
        const { before = 0, ...rest } = attributes;
        const uniforms = { channels: c, height: h, width: w, blocks, ...rest };
        const constants = { BEFORE: before };
        return [perGroup(shaders.dropout, y, { constants, bindings: [x, step, y], uniforms })];
      },
    },
  ],
};
