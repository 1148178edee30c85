// The last convolution of a network fused with the loss: `fuse` creates it for a 1x1 convolution
// whose logits only the loss reads. The logits are neither written nor read.

import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node, Op } from "../../graph/op.js";
import { elementCount, scratch } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { countPixels, totalLoss, weightedCrossEntropyOp } from "../loss/weighted-cross-entropy.js";
import { type ConvolutionAttributes, convolutionInputs } from "./conv2d-attributes.js";

/** The largest number of classes whose logits fit in registers. */
const MOST_CLASSES = 8;

/**
 * Returns the convolution and the loss that reads its logits as one node; undefined unless they are
 * a 1x1 convolution with a bias and a loss of at most eight classes.
 */
export function fuseLoss(node: Node<ConvolutionAttributes>, reader: Node): Node | undefined {
  const { x, weight, bias, skip } = convolutionInputs(node);
  const { activation, transposed } = node.attributes;
  const [classes, , kernel] = weight.shape;
  const isHead = kernel === 1 && activation === "none" && !transposed && !skip && bias;
  const isLoss = reader.op === weightedCrossEntropyOp && reader.inputs[0] === node.outputs[0];
  if (!isHead || !isLoss || classes > MOST_CLASSES) return undefined;
  const inputs = [x, weight, bias, ...reader.inputs.slice(1)];
  const { name, outputs } = reader;
  const fused: Node<undefined> = { name, op: conv2dLossOp, attributes: undefined, inputs, outputs };
  return fused;
}

/**
 * Inputs x [N,C,H,W], weight [K,C,1,1], bias [K], and label and weight map [N,1,H,W]; outputs as of
 * the loss: [1], and the gradient with respect to the logits [N,K,H,W].
 */
export const conv2dLossOp: Op<undefined> = {
  name: "conv2d-loss",
  outputs([{ shape }, weight]) {
    const [n, , h, w] = shape;
    return [
      { shape: [1], layout: "dense" },
      { shape: [n, weight.shape[0], h, w], layout: "image" },
    ];
  },
  kernels: [
    {
      name: "conv2d-loss",
      dispatches({ inputs: [x, kernel, bias, label, weight], outputs: [loss, dlogits], name }) {
        const { n, c, h, blocks, groups } = imageSizes(x);
        const rows = n * h;
        const pixels = scratch(`${name}: pixels`, 1);
        const losses = scratch(`${name}: losses`, rows * blocks);
        return [
          countPixels(weight, pixels),
          dispatch(shaders.conv2dLoss, {
            constants: { CLASSES: kernel.shape[0] },
            bindings: [x, kernel, bias, label, weight, pixels, dlogits, losses],
            uniforms: { rows, rowGroups: groups, blocks, channels: c },
            workgroups: workgroupsFor(rows * blocks, ELEMENTWISE_LANES),
            multiplyAdds: c * elementCount(dlogits.shape),
          }),
          totalLoss(losses, pixels, loss),
        ];
      },
    },
  ],
};
