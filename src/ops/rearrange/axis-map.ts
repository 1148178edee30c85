// How the output of a gather takes its elements along each axis, and the numbers of its kernels.

import { type Shape, ShapeError, text } from "../../graph/tensor.js";

/** What elements past the end of an axis are. */
export type Border = "fill" | "edge" | "reflect" | "wrap";

/** The numbers of borders in gather.wgsl. */
const BORDERS: readonly Border[] = ["fill", "edge", "reflect", "wrap"];

/** How the output takes its elements along one axis. */
export interface AxisMap {
  /** Size of the output. */
  readonly count: number;
  /** By default 1; other than 1 only with the border "fill". */
  readonly step?: number | undefined;
  /** By default 0. */
  readonly offset?: number | undefined;
  /** By default 1. Positions that it does not divide are outside. */
  readonly divisor?: number | undefined;
  /** By default "fill". */
  readonly border?: Border | undefined;
}

/** Whether an axis of this size stays as it is. */
export const isIdentity = ({ count, step = 1, offset = 0, divisor = 1 }: AxisMap, size: number) =>
  count === size && step === 1 && offset === 0 && divisor === 1;

/** The numbers of an axis in gather.wgsl. */
interface FullMap {
  readonly size: number;
  readonly count: number;
  readonly step: number;
  readonly offset: number;
  readonly divisor: number;
  readonly border: number;
}

const NOTHING: FullMap = { size: 1, count: 1, step: 1, offset: 0, divisor: 1, border: 0 };

/** Returns the maps of the four axes of the kernels; dense axes that stay whole are merged. */
export function fourAxes(
  op: string,
  shape: Shape,
  maps: readonly AxisMap[],
  isImage: boolean,
): FullMap[] {
  const result: FullMap[] = [];
  let isWhole = false;
  for (const [axis, map] of maps.entries()) {
    const wasWhole = isWhole;
    isWhole = isIdentity(map, shape[axis]);
    const before = result.at(-1);
    if (!isImage && isWhole && wasWhole && before) {
      const size = before.size * shape[axis];
      result[result.length - 1] = { ...NOTHING, size, count: size };
    } else result.push(fullMap(map, shape[axis]));
  }
  if (result.length > 4) {
    throw new ShapeError(
      `${op}: at most 4 axes of ${text(shape)} can be cut or padded at once: do it in two steps`,
    );
  }
  while (result.length < 4) result.unshift(NOTHING);
  return result;
}

function fullMap(map: AxisMap, size: number): FullMap {
  const { count, step = 1, offset = 0, divisor = 1, border = "fill" } = map;
  // A single element is its own reflection; a multiple of the period keeps positions from 0.
  const used = border === "reflect" && size === 1 ? "edge" : border;
  const period = used === "wrap" ? size : used === "reflect" ? 2 * size - 2 : 0;
  const periods = period > 0 ? Math.ceil(Math.max(0, -offset) / period) : 0;
  const number = BORDERS.indexOf(used);
  return { size, count, step, offset: offset + periods * period, divisor, border: number };
}

/** Four uniforms with the name and the number of the axis. */
export const perAxis = <Name extends string>(name: Name, [a, b, c, d]: readonly number[]) =>
  ({ [`${name}0`]: a, [`${name}1`]: b, [`${name}2`]: c, [`${name}3`]: d }) as Record<
    `${Name}${0 | 1 | 2 | 3}`,
    number
  >;

/** How often a position may repeat in the output, if it is mirrored or wrapped. */
export function timesOf({ size, count, offset, border }: FullMap): number {
  const period = BORDERS[border] === "reflect" ? 2 * size - 2 : size;
  const periods = Math.floor((offset + count) / period) + 1;
  return BORDERS[border] === "reflect" ? 2 * periods : periods;
}
