// The skip connection of a convolution: read in place, or concatenated in working memory.

import type { Dispatch } from "../../graph/dispatch.js";
import type { Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import { concatDispatch, concatScratch } from "../crop/crop-concat.js";
import {
  type ConvolutionAttributes,
  convolutionInputs,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";

/**
 * Whether a kernel can read the centre of `skip` in place: its crop starts at a whole group of four
 * pixels (always the case in a U-Net of valid convolutions), and nothing outside the crop is
 * needed.
 */
export function readsSkip(x: Tensor, skip: Tensor, border: number): boolean {
  return border === 0 && ((skip.shape[3] - x.shape[3]) >> 1) % 4 === 0;
}

/**
 * Returns the dispatches of a kernel that reads one input; a skip is first concatenated with the
 * input in one image.
 */
export function concatenated(
  node: Node<ConvolutionAttributes>,
  dispatchesOf: (node: Node<ConvolutionAttributes>) => readonly Dispatch[],
): readonly Dispatch[] {
  const { x, weight, bias, skip } = convolutionInputs(node);
  if (!skip) return dispatchesOf(node);
  const both = concatScratch(skip, x, node.name);
  const inputs = [both, weight, ...(bias ? [bias] : [])];
  const whole = { ...node, inputs, attributes: { ...node.attributes, skip: false } };
  return [concatDispatch(skip, x, both), ...dispatchesOf(whole)];
}

/** The same for a weight gradient. */
export function gradientConcatenated(
  node: Node<WeightGradientAttributes>,
  dispatchesOf: (node: Node<WeightGradientAttributes>) => readonly Dispatch[],
): readonly Dispatch[] {
  const [x, dy, skip] = node.inputs;
  if (!skip) return dispatchesOf(node);
  const both = concatScratch(skip, x, node.name);
  return [concatDispatch(skip, x, both), ...dispatchesOf({ ...node, inputs: [both, dy] })];
}
