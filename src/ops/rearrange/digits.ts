// The digits of a rearrangement: which of them make up an axis, and how they move in the input.

import { BLOCK, imageSizes } from "../../graph/layout.js";
import type { Node, Rows } from "../../graph/op.js";
import { elementCount, type Layout, type Shape, type Tensor } from "../../graph/tensor.js";

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

export interface Digit {
  readonly size: number;
  /** By how much it moves the row-major position in the input. */
  readonly step: number;
}

/** Returns the digits of the output, with neighbours merged that stay neighbours. */
export function digitsOf(sizes: readonly number[], order: readonly number[]): Digit[] {
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
export function rowsOf(
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

/** A digit of an axis of the output. */
interface AxisDigit {
  readonly size: number;
  /** The axis of the input that it moves along, and by how much. */
  readonly axis: number;
  readonly step: number;
}

const ABSENT: AxisDigit = { size: 1, axis: 0, step: 0 };

/** How many digits rearrange-image.wgsl takes per axis. */
const MOST = [3, 3, 2, 2];

/**
 * Returns the digits of the axes of an image, for rearrange-image.wgsl; undefined if an axis is not made
 * up of whole digits, or of too many.
 */
export function axisDigits(
  x: Tensor,
  y: Tensor,
  { sizes, order }: RearrangeAttributes,
): AxisDigit[][] | undefined {
  const ordered = order.map((place) => sizes[place]);
  const places = MOST.map((_, axis) => placesOf(x, axis, sizes));
  const result: AxisDigit[][] = [];
  for (const [axis, most] of MOST.entries()) {
    const digits: AxisDigit[] = [];
    for (const at of placesOf(y, axis, ordered) ?? []) {
      const place = order[at];
      const along = places.findIndex((list) => list?.includes(place));
      const rest = places[along]?.filter((other) => other > place) ?? [];
      const digit = {
        size: sizes[place],
        axis: along,
        step: elementCount(rest.map((other) => sizes[other])),
      };
      const before = digits.at(-1);
      if (before?.axis === along && before.step === digit.step * digit.size) {
        digits[digits.length - 1] = { ...digit, size: before.size * digit.size };
      } else digits.push(digit);
    }
    while (digits.length < most) digits.unshift(ABSENT);
    result.push(digits);
  }
  const isWhole = places.every((list) => list !== undefined);
  const count = elementCount(result.flat().map(({ size }) => size));
  const fits = result.every((digits, axis) => digits.length === MOST[axis]);
  return isWhole && fits && count === elementCount(y.shape) ? result : undefined;
}

/** How much a digit moves the start of a row and channel in the memory of x, or the column. */
export function moveOf(x: Tensor, { axis, step }: AxisDigit): { step: number; move: number } {
  const { c, h, blocks } = imageSizes(x);
  const pitch = blocks * c * BLOCK;
  return {
    step: axis === 3 ? 0 : step * [h * pitch, BLOCK, pitch][axis],
    move: axis === 3 ? step : 0,
  };
}
