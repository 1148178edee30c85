// The op of whatever takes each axis by itself: padding, slices with steps, flips, tiling. Along
// an axis, the output at p is the input at border((p * step + offset) / divisor), see
// gather.wgsl. Without borders the adjoint is such an op too; with them it is a sum.

import { imageSizes } from "../../graph/layout.js";
import { apply, type Node, type Op, type OutputSpec, type Rows } from "../../graph/op.js";
import { type Shape, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import { crop2d } from "../../shaders/embedded.generated.js";
import * as shaders from "../../shaders/general.generated.js";
import { perGroup } from "../common/per-group.js";
import { type AxisMap, fourAxes, isIdentity, perAxis, timesOf } from "./axis-map.js";

export interface GatherAttributes {
  /** What it does, for tables and errors: "padding". */
  readonly words: string;
  /** For each axis. */
  readonly maps: readonly AxisMap[];
  /** The value outside. */
  readonly fill: number;
}

/** Applies the op; returns `x` itself if nothing changes. */
export function gather(
  x: Tensor,
  attributes: Omit<GatherAttributes, "fill"> & { readonly fill?: number | undefined },
  name?: string,
): Tensor {
  const { words, maps, fill = 0 } = attributes;
  if (maps.every((map, axis) => isIdentity(map, x.shape[axis]))) return x;
  return apply(gatherOp, [x], { words, maps, fill }, name ?? words)[0];
}

export const gatherOp: Op<GatherAttributes> = {
  name: "gather",
  outputs: ([x], attributes) => outputOf(x, attributes),
  gradient({ inputs: [x], attributes, name }, [dy]) {
    if (!dy) return [];
    return [adjoint(dy, x.shape, attributes, `${name} gradient`)];
  },
  receptiveField: (node, rows) => [[node.inputs[0], rowsOf(node, rows)]],
  words: ({ attributes: { words } }) => words,
  kernels: [
    {
      name: "crop",
      rank: (node) => (cropOf(node) ? 0 : undefined),
      dispatches(node) {
        const {
          inputs: [x],
          outputs: [y],
        } = node;
        const [from, to] = [imageSizes(x), imageSizes(y)];
        return [
          perGroup(crop2d, y, {
            bindings: [x, y],
            uniforms: {
              channels: to.c,
              height: to.h,
              width: to.w,
              blocks: to.blocks,
              inChannels: from.c,
              inHeight: from.h,
              inWidth: from.w,
              inBlocks: from.blocks,
              ...(cropOf(node) ?? { first: 0, top: 0, left: 0 }),
            },
          }),
        ];
      },
    },
    {
      name: "gather",
      rank: () => 1,
      isReference: true,
      dispatches({ inputs: [x], outputs: [y], attributes: { words, maps, fill } }) {
        const [m0, m1, m2, m3] = fourAxes(words, x.shape, maps, y.layout === "image");
        return [
          perGroup(shaders.gather, y, {
            bindings: [x, y],
            uniforms: {
              ...sizesOf(y, x),
              fill,
              ...perAxis("count", [m0.count, m1.count, m2.count, m3.count]),
              ...perAxis("size", [m0.size, m1.size, m2.size, m3.size]),
              ...perAxis("step", [m0.step, m1.step, m2.step, m3.step]),
              ...perAxis("offset", [m0.offset, m1.offset, m2.offset, m3.offset]),
              ...perAxis("divisor", [m0.divisor, m1.divisor, m2.divisor, m3.divisor]),
              ...perAxis("border", [m0.border, m1.border, m2.border, m3.border]),
            },
          }),
        ];
      },
    },
  ],
};

/** Returns the rectangle and the first channel, if the node only cuts images or adds zeros to them. */
function cropOf({ inputs: [x], attributes: { maps, fill } }: Node<GatherAttributes>) {
  const isCrop = maps.every(
    ({ step = 1, divisor = 1, border = "fill" }) =>
      step === 1 && divisor === 1 && border === "fill",
  );
  if (x.layout !== "image" || !isCrop || fill !== 0) return undefined;
  const [n, c, rows, columns] = maps;
  const first = c.offset ?? 0;
  const isInside = isIdentity(n, x.shape[0]) && first >= 0 && first + c.count <= x.shape[1];
  return isInside ? { first, top: rows.offset ?? 0, left: columns.offset ?? 0 } : undefined;
}

interface AdjointAttributes extends GatherAttributes {
  /** Of the input of the gather, and so of the output here. */
  readonly shape: Shape;
}

/** Input dy; output dx: the sums of dy over the elements that were taken from each of x. */
export const gatherGradientOp: Op<AdjointAttributes> = {
  name: "gather-gradient",
  outputs: ([dy], { shape }) => [{ shape, layout: dy.layout }],
  gradient({ attributes, name }, [ddx]) {
    return [ddx && gather(ddx, { ...attributes, fill: 0 }, `${name} gradient`)];
  },
  kernels: [
    {
      name: "gather-gradient",
      tolerance: () => TOLERANCES.gradient,
      dispatches({ inputs: [dy], outputs: [dx], attributes: { words, maps, shape } }) {
        const [m0, m1, m2, m3] = fourAxes(words, shape, maps, dx.layout === "image");
        return [
          perGroup(shaders.gatherGradient, dx, {
            bindings: [dy, dx],
            uniforms: {
              ...adjointSizesOf(dx, dy),
              ...perAxis("count", [m0.count, m1.count, m2.count, m3.count]),
              ...perAxis("size", [m0.size, m1.size, m2.size, m3.size]),
              ...perAxis("offset", [m0.offset, m1.offset, m2.offset, m3.offset]),
              ...perAxis("border", [m0.border, m1.border, m2.border, m3.border]),
              ...perAxis("times", [timesOf(m0), timesOf(m1), timesOf(m2), timesOf(m3)]),
            },
          }),
        ];
      },
    },
  ],
};

function outputOf(x: Tensor, { words, maps }: GatherAttributes): OutputSpec[] {
  const shape = maps.map(({ count }) => count);
  if (shape.some((count) => !Number.isInteger(count) || count < 1)) {
    throw new ShapeError(
      `${words}: nothing is left of ${text(x.shape)}: the result would be ${text(shape)}`,
    );
  }
  if (x.layout === "dense") fourAxes(words, x.shape, maps, false);
  return [{ shape, layout: x.layout }];
}

/** The gradient of the input of a gather. */
function adjoint(dy: Tensor, shape: Shape, attributes: GatherAttributes, name: string): Tensor {
  const words = `${attributes.words} gradient`;
  const { maps } = attributes;
  if (maps.some(({ border = "fill" }) => border !== "fill")) {
    return apply(gatherGradientOp, [dy], { ...attributes, words, shape }, name)[0];
  }
  const inverse = maps.map(({ step = 1, offset = 0, divisor = 1 }, axis) => {
    const sign = Math.sign(step);
    return {
      count: shape[axis],
      step: sign * divisor,
      offset: -sign * offset,
      divisor: Math.abs(step),
    };
  });
  return gather(dy, { words, maps: inverse }, name);
}

function sizesOf(y: Tensor, x: Tensor) {
  if (y.layout === "dense") return { isImage: 0, blocks: 1, inBlocks: 1 };
  return { isImage: 1, blocks: imageSizes(y).blocks, inBlocks: imageSizes(x).blocks };
}

function adjointSizesOf(dx: Tensor, dy: Tensor) {
  const { isImage, blocks, inBlocks } = sizesOf(dx, dy);
  return { isImage, blocks, outBlocks: inBlocks };
}

/**
 * Returns the rows that rows of the output depend on, or columns that columns depend on if that
 * is more. Throws for flips, after which a row depends on one at the other end.
 */
function rowsOf(
  { name, inputs: [x], attributes: { words, maps } }: Node<GatherAttributes>,
  [first, last]: Rows,
): Rows {
  if (x.layout !== "image")
    throw new Error(`${name}: ${words} is not of an image, so it has no rows`);
  const spans = [2, 3].map((axis) => {
    const { step = 1, offset = 0, divisor = 1, border } = maps[axis];
    if (step < 0 || (border === "wrap" && maps[axis].count > x.shape[axis]))
      throw new Error(`${name}: after ${words} a pixel may depend on the whole image`);
    return [first, last].map((row) => (row * step + offset) / divisor);
  });
  return [
    Math.floor(Math.min(spans[0][0], spans[1][0])),
    Math.ceil(Math.max(spans[0][1], spans[1][1])),
  ];
}
