// Padding by side, with any border.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import type { Border } from "./axis-map.js";
import { gather } from "./gather.js";

/** What lies past the border. "replicate" and "circular" are PyTorch's words for "edge" and "wrap". */
export type PadMode = "zero" | "constant" | "edge" | "replicate" | "reflect" | "wrap" | "circular";

/** Options of `pad`. */
export interface PadOptions {
  /** By default "zero"; "constant" if a value is given. */
  readonly mode?: PadMode | undefined;
  /** The value of the mode "constant", by default 0. */
  readonly value?: number | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<PadOptions> = { mode: 1, value: 1, name: 1 };

const BORDERS: Readonly<Record<PadMode, Border>> = {
  zero: "fill",
  constant: "fill",
  edge: "edge",
  replicate: "edge",
  reflect: "reflect",
  wrap: "wrap",
  circular: "wrap",
};

/**
 * How many elements to add: a number on each side of the last two axes; [top, left, bottom, right]
 * of these; or a pair [before, after] per axis, the last pair for the last axis. Negative numbers
 * cut.
 */
export type Padding =
  | number
  | readonly [top: number, left: number, bottom: number, right: number]
  | readonly (readonly [before: number, after: number])[];

/**
 * Pads a tensor: of images [N,C,H,W] usually the rows and columns. The modes are NumPy's and ONNX's:
 * "reflect" mirrors without repeating the edge, any number of times.
 */
export function pad(x: Tensor, padding: Padding, options: PadOptions = {}): Tensor {
  expectTensor("pad", "input", x);
  checkKeys("pad", options, OPTIONS);
  const { value = 0, mode = options.value === undefined ? "zero" : "constant" } = options;
  checkWord("pad: mode", mode, Object.keys(BORDERS));
  if (!Number.isFinite(Math.fround(value)) || (value !== 0 && mode !== "constant")) {
    throw new ShapeError(
      `pad: value must be a finite number, with the mode "constant", got ${kindOf(value)} with "${mode}"`,
    );
  }
  const sides = sidesOf(x, padding);
  const border = BORDERS[mode];
  const maps = sides.map(([before, after], axis) => ({
    count: before + x.shape[axis] + after,
    offset: -before,
    border: before > 0 || after > 0 ? border : undefined,
  }));
  return gather(x, { words: "pad", maps, fill: value }, options.name);
}

/** Returns a pair per axis. */
function sidesOf({ shape }: Tensor, padding: Padding): (readonly [number, number])[] {
  const isWhole = (value: unknown) => Number.isSafeInteger(value);
  let pairs: readonly (readonly [number, number])[] | undefined;
  if (isWhole(padding)) {
    const side = padding as number;
    pairs = [
      [side, side],
      [side, side],
    ];
  } else if (Array.isArray(padding)) {
    const list: readonly unknown[] = padding;
    if (list.length === 4 && list.every(isWhole)) {
      const [top, left, bottom, right] = list as readonly number[];
      pairs = [
        [top, bottom],
        [left, right],
      ];
    } else if (
      list.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isWhole))
    ) {
      pairs = list as readonly (readonly [number, number])[];
    }
  }
  if (!pairs || pairs.length > shape.length) {
    throw new ShapeError(
      `pad: the padding of ${text(shape)} must be a whole number, [top, left, bottom, right], or a pair ` +
        `[before, after] per axis, got ${kindOf(padding)}`,
    );
  }
  const first = shape.length - pairs.length;
  return shape.map((_, axis) => pairs[axis - first] ?? [0, 0]);
}
