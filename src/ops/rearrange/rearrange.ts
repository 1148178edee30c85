// The op of everything that only moves elements: reshaping, transposing, space to depth, changing
// the memory layout. The axes of the input are split into digits, permuted and joined again, as in
// einops' `rearrange` (Rogozhnikov 2022). Its gradient is the inverse.

import { imageSizes } from "../../graph/layout.js";
import { apply, type Node, type Op, type Rows } from "../../graph/op.js";
import {
  elementCount,
  type Layout,
  type Shape,
  ShapeError,
  type Tensor,
} from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

export interface RearrangeAttributes {
  /** What it does, for tables and errors: "transpose". */
  readonly words: string;
  /** The sizes of the digits of the input's elements, in row-major order. */
  readonly sizes: readonly number[];
  /** The digits of the output's elements, as places in `sizes`, in row-major order. */
  readonly order: readonly number[];
  readonly shape: Shape;
  readonly layout: Layout;
}

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
      name: "rearrange",
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

interface Digit {
  readonly size: number;
  /** By how much it moves the row-major position in the input. */
  readonly step: number;
}

/** Returns the digits of the output, with neighbours merged that stay neighbours. */
function digitsOf(sizes: readonly number[], order: readonly number[]): Digit[] {
  const steps = stepsOf(sizes);
  const digits: Digit[] = [];
  for (const place of order) {
    const digit = { size: sizes[place], step: steps[place] };
    const before = digits.at(-1);
    if (digit.size === 1) continue;
    if (before?.step === digit.step * digit.size) {
      digits[digits.length - 1] = { size: before.size * digit.size, step: digit.step };
    } else digits.push(digit);
  }
  return digits;
}

/** The row-major step of each digit. */
const stepsOf = (sizes: readonly number[]) =>
  sizes.map((_, place) => elementCount(sizes.slice(place + 1)));

/**
 * Returns the rows that rows of the output depend on, or columns that columns depend on if that
 * is more. Throws if rows do not stay in order: then a row may depend on any.
 */
function rowsOf(
  { inputs: [x], outputs: [y], attributes, name }: Node<RearrangeAttributes>,
  rows: Rows,
): Rows {
  const spans = [2, 3].map((axis) => {
    const from = placesOf(x, axis, attributes.sizes);
    const to = placesOf(
      y,
      axis,
      attributes.order.map((place) => attributes.sizes[place]),
    );
    const moved = to?.map((place) => attributes.order[place]);
    if (!from || !moved || from[0] !== moved[0]) {
      throw new Error(`${name}: after ${attributes.words} a pixel may depend on the whole image`);
    }
    return spanOf(attributes.sizes, from, moved, rows);
  });
  return [Math.min(...spans.map(([first]) => first)), Math.max(...spans.map(([, last]) => last))];
}

/** Returns the digits that make up an axis of an image; undefined if none do exactly. */
function placesOf(tensor: Tensor, axis: number, sizes: readonly number[]): number[] | undefined {
  if (tensor.layout !== "image") return undefined;
  const steps = stepsOf(sizes);
  const [low, high] = [axis + 1, axis].map((first) => elementCount(tensor.shape.slice(first)));
  const isWithin = (place: number) => steps[place] >= low && steps[place] * sizes[place] <= high;
  const found = sizes
    .map((_, place) => place)
    .filter((place) => isWithin(place) && sizes[place] > 1);
  return elementCount(found.map((place) => sizes[place])) === high / low ? found : undefined;
}

/** The positions along `from` for positions along `to`; both begin with the same digit. */
function spanOf(
  sizes: readonly number[],
  from: readonly number[],
  to: readonly number[],
  [first, last]: Rows,
): Rows {
  let [low, high] = [Infinity, -Infinity];
  for (let row = first; row <= last; row++) {
    let [least, most] = [0, 0];
    for (const [i, place] of from.entries()) {
      const step = elementCount(from.slice(i + 1).map((other) => sizes[other]));
      const at = to.indexOf(place);
      const below = elementCount(to.slice(at + 1).map((other) => sizes[other]));
      // The first digit also counts rows past the image.
      const value = Math.floor(row / below) % (i === 0 ? Infinity : sizes[place]);
      const digit = i > 0 && value < 0 ? value + sizes[place] : value;
      least += step * (at < 0 ? 0 : digit);
      most += step * (at < 0 ? sizes[place] - 1 : digit);
    }
    low = Math.min(low, least);
    high = Math.max(high, most);
  }
  return [low, high];
}
