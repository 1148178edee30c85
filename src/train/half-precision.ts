// What a training step in 16 bits needs in addition: a loss scale, and f16 storage of tensors that
// wait for a reader. Pages load this only when a run asks for it.

import type { PlanSpec } from "../gpu/plan-spec.js";
import type { State } from "../gpu/state.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { imagesInHalves } from "../ops/elementwise/cast.js";
import { slice } from "../ops/rearrange/slice.js";
import {
  adjustLossScale,
  initialScaling,
  SCALING_FLOATS,
  scaleLoss,
  scalingTensor,
  unscaleGradients,
  unscaleLoss,
} from "../ops/update/loss-scaling.js";
import { type LossScale, SCALING } from "./trainer-states.js";
import type { Checkpoint } from "./training-types.js";

const FIRST_SCALE = 2 ** 16;
/** Steps without an overflow after which the scale is doubled. */
const GROW_EVERY = 2000;

/** What is different in a step in 16 bits, for `stepSpec` and the trainer. */
export interface HalfPrecision {
  readonly initialScaling: Float32Array<ArrayBuffer>;
  /** The loss scale that the state holds. Waits for the GPU. */
  lossScale(state: State): Promise<LossScale>;
  /** Returns the state in a checkpoint. Throws if there is none. */
  savedScaling(tensors: Checkpoint["tensors"]): Float32Array<ArrayBuffer>;
  readonly scaling: Tensor;
  /** Returns the weight map of a scaled loss. */
  scaleWeight(weight: Tensor): Tensor;
  unscaleLoss(loss: Tensor): Tensor;
  /** The scale [1], from which the gradients of a loss that is not scaled by its weights start. */
  seed(): Tensor;
  /** Returns the update that divides the gradients, to run before those that read them. */
  unscaleGradients(gradients: Tensor): Node;
  /** The last update. */
  readonly adjust: Node;
  readonly pack: NonNullable<PlanSpec["halfStorage"]>;
}

export function halfPrecision(): HalfPrecision {
  const scaling = scalingTensor(SCALING);
  return {
    initialScaling: initialScaling(FIRST_SCALE),
    async lossScale(state) {
      const [scale, , , skippedSteps] = await state.read();
      return { scale, skippedSteps };
    },
    savedScaling(tensors) {
      const data = tensors.get(SCALING)?.data;
      if (data?.length === SCALING_FLOATS) return Float32Array.from(data);
      throw new Error(
        `the checkpoint has no tensor ${SCALING} [${SCALING_FLOATS}]: it was not trained in f16`,
      );
    },
    scaling,
    scaleWeight: (weight) => scaleLoss(weight, scaling, "scaled weight"),
    unscaleLoss: (loss) => unscaleLoss(loss, scaling, "unscaled loss"),
    seed: () => slice(scaling, { starts: [0], ends: [1], name: "loss scale" }),
    unscaleGradients: (gradients) => unscaleGradients(gradients, scaling),
    adjust: adjustLossScale(scaling, GROW_EVERY),
    pack: imagesInHalves,
  };
}
