import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { expectImage, ShapeError, scratch, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { isOne } from "../common/one.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { scaleBy } from "../elementwise/scale-by.js";

/**
 * Softmax over the channels and cross-entropy with a weight per pixel (Ronneberger et al. 2015,
 * equation 1): sum of w(x) * -log p_label(x)(x), divided by the number of pixels with w > 0. logits
 * [N,K,H,W], label [N,1,H,W] with class indices, weight [N,1,H,W] -> [1]. Pixels with weight 0 are
 * ignored, whatever their label. Stable for logits of any size.
 */
export function weightedCrossEntropy(
  logits: Tensor,
  label: Tensor,
  weight: Tensor,
  name?: string,
): Tensor {
  return apply(weightedCrossEntropyOp, [logits, label, weight], undefined, name)[0];
}

/**
 * Outputs: the loss [1], and its gradient with respect to the logits, computed by the same kernel.
 */
export const weightedCrossEntropyOp: Op<undefined> = {
  name: "weighted-cross-entropy",
  outputs([logits, label, weight]) {
    expectImage("weighted-cross-entropy", "logits", logits);
    const [n, k, h, w] = logits.shape;
    if (k < 2) {
      throw new ShapeError(`weighted-cross-entropy: at least 2 classes are needed, got ${k}`);
    }
    for (const [what, map] of Object.entries({ label, weight })) {
      const [mapN, mapC, mapH, mapW] = map.shape;
      if (map.layout !== "image" || mapN !== n || mapC !== 1 || mapH !== h || mapW !== w) {
        throw new ShapeError(
          `weighted-cross-entropy: ${what} must be an image [${n},1,${h},${w}] for logits ${text(logits.shape)}, got ${text(map.shape)}`,
        );
      }
    }
    return [
      { shape: [1], layout: "dense" },
      { shape: logits.shape, layout: "image" },
    ];
  },
  checkValues({ inputs: [logits, label, weight], name }, valuesOf) {
    const [labels, weights] = [valuesOf(label), valuesOf(weight)];
    const [, classes, , width] = logits.shape;
    if (labels && weights) checkLabels(name, labels, weights, classes, width);
  },
  gradient({ outputs: [, dlogits], name }, [dloss]) {
    if (!dloss) return [];
    return [isOne(dloss) ? dlogits : scaleBy(dlogits, dloss, `${name} gradient`)];
  },
  kernels: [
    {
      name: "weighted-cross-entropy",
      dispatches({ inputs: [logits, label, weight], outputs: [loss, dlogits], name }) {
        const { n, c, h, blocks, groups } = imageSizes(logits);
        const count = n * h * blocks;
        const workgroups = workgroupsFor(count, ELEMENTWISE_LANES);
        const pixels = scratch(`${name}: pixels`, 1);
        const losses = scratch(`${name}: losses`, count);
        return [
          countPixels(weight, pixels),
          dispatch(shaders.weightedCrossEntropy, {
            bindings: [logits, label, weight, pixels, dlogits, losses],
            uniforms: { rows: n * h, rowGroups: groups, channels: c, blocks },
            workgroups,
          }),
          totalLoss(losses, pixels, loss),
        ];
      },
    },
  ],
};

/**
 * Throws for the first pixel of a label [N,1,H,W] with a weight above 0 that is not a class from 0
 * to `classes` - 1, and for a weight that is not a finite number. Pixels of weight 0 may have any
 * label. Rows are counted over all images.
 */
export function checkLabels(
  where: string,
  label: ArrayLike<number>,
  weight: ArrayLike<number>,
  classes: number,
  width: number,
): void {
  const pixel = (i: number) => `row ${Math.floor(i / width)}, column ${i % width}`;
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i];
    const value = label[i];
    // Most pixels are valid, which one branch decides.
    if (w <= 0 || (w < Infinity && value < classes && value >>> 0 === value)) continue;
    if (!(w < Infinity)) {
      throw new Error(`${where}: the weight at ${pixel(i)} is ${w}, expected a finite number`);
    }
    throw new Error(
      `${where}: the label at ${pixel(i)} is ${value}, expected a class from 0 to ${classes - 1}: ` +
        `give unlabelled pixels a weight of 0, here it is ${w}`,
    );
  }
}

/** Counts the pixels of a weight map [N,1,H,W] that are above 0 into `pixels` [1]. */
export function countPixels(weight: Tensor, pixels: Tensor): Dispatch {
  const { n, h, blocks, groups } = imageSizes(weight);
  return dispatch(shaders.weightedCrossEntropyCount, {
    bindings: [weight, pixels],
    uniforms: { rows: n * h, rowGroups: groups, blocks },
    workgroups: [1, 1, 1],
  });
}

/** Adds `losses`, divided by the number of pixels, to the loss [1]. */
export function totalLoss(losses: Tensor, pixels: Tensor, loss: Tensor): Dispatch {
  return dispatch(shaders.weightedCrossEntropyTotal, {
    bindings: [losses, pixels, loss],
    uniforms: { count: losses.shape[0] },
    workgroups: [1, 1, 1],
  });
}
