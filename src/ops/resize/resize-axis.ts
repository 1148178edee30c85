// Where the pixels of a resized axis come from. Positions are computed in 32 bits, in the order of
// PyTorch, so that ties fall as they do there.

/** How positions of the output map to positions of the input (words of ONNX Resize). */
export type Coordinates = "half-pixel" | "pytorch-half-pixel" | "align-corners" | "asymmetric";

/** How a position is rounded to a pixel, with the mode "nearest" (words of ONNX Resize). */
export type Rounding = "floor" | "ceil" | "round-prefer-floor" | "round-prefer-ceil";

/** One axis of a resize. */
export interface ResizeAxis {
  /** Pixels of the input. */
  readonly size: number;
  /** Pixels of the output. */
  readonly count: number;
  /** Pixels of the input per pixel of the output. */
  readonly ratio: number;
  readonly coordinates: Coordinates;
  /** Undefined for linear interpolation. */
  readonly rounding?: Rounding | undefined;
}

const { fround } = Math;

/** Returns the position in the input of an output pixel, which may be outside. */
function positionOf({ count, ratio, coordinates }: ResizeAxis, pixel: number): number {
  if (coordinates === "align-corners" || coordinates === "asymmetric") {
    return fround(pixel * fround(ratio));
  }
  if (coordinates === "pytorch-half-pixel" && count === 1) return 0;
  return fround(fround((pixel + 0.5) * fround(ratio)) - 0.5);
}

const ROUND: Readonly<Record<Rounding, (position: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  "round-prefer-floor": (position) => Math.ceil(position - 0.5),
  "round-prefer-ceil": (position) => Math.floor(position + 0.5),
};

/** The first of the two input pixels of an output pixel, and the weight of the second. */
export function tapOf(axis: ResizeAxis, pixel: number): { first: number; weight: number } {
  const position = positionOf(axis, pixel);
  if (axis.rounding) return { first: ROUND[axis.rounding](position), weight: 0 };
  const first = Math.floor(position);
  return { first, weight: fround(position - first) };
}

/**
 * Returns the table that the kernels read: four numbers per pixel, of the output and of the input.
 * For a pixel of the output: the first of its input pixels, and the weight of the second. For one of
 * the input: the first output pixel that takes it, or with linear interpolation its left neighbour, and
 * how many do in a row.
 */
export function tableOf(axis: ResizeAxis): { length: number; values: Float32Array } {
  const { size, count } = axis;
  const length = Math.max(size, count);
  const values = new Float32Array(length * 4);
  for (let pixel = 0; pixel < count; pixel++) {
    const { first, weight } = tapOf(axis, pixel);
    const isInside = first >= 0 && first < size - 1;
    values[pixel * 4] = Math.min(size - 1, Math.max(0, first));
    values[pixel * 4 + 1] = isInside ? weight : 0;
  }
  const before = axis.rounding ? 0 : 1;
  const firstOf = (pixel: number) => values[pixel * 4];
  for (let pixel = 0, begin = 0, end = 0; pixel < size; pixel++) {
    while (begin < count && firstOf(begin) < pixel - before) begin++;
    while (end < count && firstOf(end) <= pixel) end++;
    values[pixel * 4 + 2] = begin;
    values[pixel * 4 + 3] = end - begin;
  }
  return { length, values };
}
