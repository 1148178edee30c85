// The op of everything that only moves elements: reshaping, transposing, space to depth, changing
// the memory layout. The axes of the input are split into digits, permuted and joined again, as in
// einops' `rearrange` (Rogozhnikov 2022). Its gradient is the inverse.

import type { Dispatch } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { elementCount, ShapeError, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { perGroup } from "../common/per-group.js";
import { axisDigits, digitsOf, moveOf, type RearrangeAttributes, rowsOf } from "./digits.js";

/** The digits that one dispatch permutes. */
const DIGITS = 6;

/** Applies the op; `x` itself if nothing changes. */
export function rearrange(x: Tensor, attributes: RearrangeAttributes, name?: string): Tensor {
  const { layout, shape, words, sizes, order } = attributes;
  const isSame = layout === x.layout && `${shape}` === `${x.shape}`;
  if (isSame && digitsOf(sizes, order).length <= 1) return x;
  return apply(rearrangeOp, [x], attributes, name ?? words)[0];
}

export const rearrangeOp: Op<RearrangeAttributes> = {
  name: "rearrange",
  outputs([x], { words, sizes, order, shape, layout }) {
    if (
      elementCount(sizes) !== elementCount(x.shape) ||
      elementCount(shape) !== elementCount(sizes)
    )
      throw new ShapeError(
        `${words}: [${sizes}] and [${shape}] must have the elements of [${x.shape}]`,
      );
    if (digitsOf(sizes, order).length > DIGITS) {
      throw new ShapeError(
        `${words}: at most ${DIGITS} axes can change places at once, got [${sizes}] in the order ` +
          `[${order}]: do it in two steps`,
      );
    }
    return [{ shape, layout }];
  },
  gradient({ inputs: [x], attributes, name }, [dy]) {
    if (!dy) return [];
    const { sizes, order, words } = attributes;
    const back = {
      words: `${words} gradient`,
      sizes: order.map((place) => sizes[place]),
      order: sizes.map((_, place) => order.indexOf(place)),
      shape: x.shape,
      layout: x.layout,
    };
    return [rearrange(dy, back, `${name} gradient`)];
  },
  receptiveField: (node, rows) => [[node.inputs[0], rowsOf(node, rows)]],
  words: ({ attributes: { words } }) => words,
  kernels: [
    {
      name: "image",
      rank: ({ inputs: [x], outputs: [y], attributes }) =>
        axisDigits(x, y, attributes) ? 0 : undefined,
      dispatches({ inputs: [x], outputs: [y], attributes }) {
        return [imageDispatch(x, y, axisDigits(x, y, attributes) ?? [])];
      },
    },
    {
      name: "any",
      rank: () => 1,
      isReference: true,
      dispatches({ inputs: [x], outputs: [y], attributes: { sizes, order } }) {
        const digits = digitsOf(sizes, order);
        while (digits.length < DIGITS) digits.unshift({ size: 1, step: 0 });
        const [d0, d1, d2, d3, d4, d5] = digits;
        const [from, to] = [sizesOf(x), sizesOf(y)];
        return [
          perGroup(shaders.rearrange, y, {
            bindings: [x, y],
            uniforms: {
              count: elementCount(y.shape),
              isImage: Number(y.layout === "image"),
              channels: to.c,
              height: to.h,
              width: to.w,
              blocks: to.blocks,
              isInImage: Number(x.layout === "image"),
              inChannels: from.c,
              inHeight: from.h,
              inWidth: from.w,
              inBlocks: from.blocks,
              size1: d1.size,
              size2: d2.size,
              size3: d3.size,
              size4: d4.size,
              size5: d5.size,
              step0: d0.step,
              step1: d1.step,
              step2: d2.step,
              step3: d3.step,
              step4: d4.step,
              step5: d5.step,
            },
          }),
        ];
      },
    },
  ],
};

const NO_IMAGE = { c: 1, h: 1, w: 1, blocks: 1 };

const sizesOf = (tensor: Tensor) => (tensor.layout === "image" ? imageSizes(tensor) : NO_IMAGE);

function imageDispatch(
  x: Tensor,
  y: Tensor,
  [images, channels, rows, columns]: NonNullable<ReturnType<typeof axisDigits>>,
): Dispatch {
  const { c, h, w, blocks } = imageSizes(y);
  const [n0, n1, n2] = images.map((digit) => moveOf(x, digit));
  const [c0, c1, c2] = channels.map((digit) => moveOf(x, digit));
  const [i0, i1] = rows.map((digit) => moveOf(x, digit));
  const [j0, j1] = columns.map((digit) => moveOf(x, digit));
  return perGroup(shaders.rearrangeImage, y, {
    bindings: [x, y],
    uniforms: {
      channels: c,
      height: h,
      width: w,
      blocks,
      inChannels: x.shape[1],
      imageSize1: images[1].size,
      imageSize2: images[2].size,
      channelSize1: channels[1].size,
      channelSize2: channels[2].size,
      rowSize: rows[1].size,
      columnSize: columns[1].size,
      imageStep0: n0.step,
      imageStep1: n1.step,
      imageStep2: n2.step,
      channelStep0: c0.step,
      channelStep1: c1.step,
      channelStep2: c2.step,
      rowStep0: i0.step,
      rowStep1: i1.step,
      columnStep0: j0.step,
      columnStep1: j1.step,
      imageMove0: n0.move,
      imageMove1: n1.move,
      imageMove2: n2.move,
      channelMove0: c0.move,
      channelMove1: c1.move,
      channelMove2: c2.move,
      rowMove0: i0.move,
      rowMove1: i1.move,
      columnMove0: j0.move,
      columnMove1: j1.move,
    },
  });
}
