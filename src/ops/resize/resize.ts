// Resizing images by nearest neighbours or linear interpolation, up and down by any factor. The
// pixels and weights of each row and column are tables, so that the kernels do not depend on the
// rules of coordinates.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Node, type Op, type Rows } from "../../graph/op.js";
import {
  constant,
  expectImage,
  expectTensor,
  type Shape,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/general.generated.js";
import { perGroup } from "../common/per-group.js";
import { type Coordinates, type ResizeAxis, type Rounding, tableOf, tapOf } from "./resize-axis.js";

/** Options of `resize`: either a size or a scale. */
export interface ResizeOptions {
  /** Rows and columns of the result; a number for both. */
  readonly size?: number | readonly [height: number, width: number] | undefined;
  /** Factor of the rows and of the columns; the result is rounded down. */
  readonly scale?: number | readonly [rows: number, columns: number] | undefined;
  /** By default "nearest". */
  readonly mode?: "nearest" | "linear" | undefined;
  /** Whether the centres of the corner pixels coincide: PyTorch's align_corners. By default not. */
  readonly alignCorners?: boolean | undefined;
  /**
   * ONNX's coordinate_transformation_mode. By default "asymmetric" for "nearest" and "half-pixel" for
   * "linear", as in PyTorch.
   */
  readonly coordinates?: Coordinates | undefined;
  /**
   * ONNX's nearest_mode. By default "floor", as in PyTorch. PyTorch's "nearest-exact" is
   * "round-prefer-ceil" with the coordinates "half-pixel".
   */
  readonly rounding?: Rounding | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<ResizeOptions> = {
  size: 1,
  scale: 1,
  mode: 1,
  alignCorners: 1,
  coordinates: 1,
  rounding: 1,
  name: 1,
};
const COORDINATES = ["half-pixel", "pytorch-half-pixel", "align-corners", "asymmetric"];
const ROUNDINGS = ["floor", "ceil", "round-prefer-floor", "round-prefer-ceil"];

/**
 * Resizes images: x [N,C,H,W] -> [N,C,H',W'] (PyTorch's interpolate, ONNX Resize). Pixels outside
 * are those of the edge; a smaller result is not smoothed before.
 */
export function resize(x: Tensor, options: ResizeOptions): Tensor {
  expectTensor("resize", "input", x);
  expectImage("resize", "input", x);
  checkKeys("resize", options, OPTIONS);
  const { size, scale, mode = "nearest", alignCorners = false, name } = options;
  checkWord("resize: mode", mode, ["nearest", "linear"]);
  const usual = mode === "nearest" ? "asymmetric" : "half-pixel";
  const { coordinates = alignCorners ? "align-corners" : usual, rounding = "floor" } = options;
  checkWord("resize: coordinates", coordinates, COORDINATES);
  checkWord("resize: rounding", rounding, ROUNDINGS);
  if (alignCorners && coordinates !== "align-corners") {
    throw new ShapeError(
      `resize: alignCorners excludes the coordinates ${coordinates}: give one of both`,
    );
  }
  if ((size === undefined) === (scale === undefined)) {
    throw new ShapeError("resize: give either size or scale");
  }
  const [rows, columns] = [2, 3].map((axis, i): ResizeAxis => {
    const from = x.shape[axis];
    const factor = Array.isArray(scale) ? scale[i] : scale;
    const count = factor === undefined ? sideOf(size, i) : Math.floor(from * factor);
    if (!(Number.isSafeInteger(count) && count >= 1)) {
      const given = factor === undefined ? `size ${kindOf(size)}` : `scale ${kindOf(scale)}`;
      throw new ShapeError(
        `resize: ${given} gives ${text(x.shape)} a side of ${count}, expected a whole number from 1`,
      );
    }
    // PyTorch's alignCorners counts the pixels of the result, ONNX's coordinates what they would be
    // without rounding down. PyTorch ignores the factor of a side that keeps its pixels, or doubles
    // them with "nearest".
    const exact = options.coordinates && factor ? from * factor : count;
    const corners = count > 1 ? (from - 1) / (exact - 1) : 0;
    const isSame = count === from || (mode === "nearest" && count === 2 * from);
    const usesSize = factor === undefined || (options.coordinates === undefined && isSame);
    const ratio = coordinates === "align-corners" ? corners : usesSize ? from / count : 1 / factor;
    return {
      size: from,
      count,
      ratio,
      coordinates,
      rounding: mode === "nearest" ? rounding : undefined,
    };
  });
  const tables = [rows, columns].map((axis, i) => {
    const { length, values } = tableOf(axis);
    return constant(`${name ?? "resize"}: ${i === 0 ? "rows" : "columns"}`, [length, 4], values);
  });
  return apply(resizeOp, [x, ...tables], { rows, columns }, name)[0];
}

const sideOf = (size: ResizeOptions["size"], i: number) =>
  (Array.isArray(size) ? size[i] : size) as number;

interface Attributes {
  readonly rows: ResizeAxis;
  readonly columns: ResizeAxis;
}

/** Inputs x and the tables of its rows and columns. */
export const resizeOp: Op<Attributes> = {
  name: "resize",
  outputs([x], { rows, columns }) {
    const [n, c] = x.shape;
    return [{ shape: [n, c, rows.count, columns.count], layout: "image" }];
  },
  gradient({ inputs: [x, ...tables], attributes, name }, [dy]) {
    if (!dy) return [];
    const back = { ...attributes, shape: x.shape };
    return [apply(resizeGradientOp, [dy, ...tables], back, `${name} gradient`)[0]];
  },
  receptiveField: (node, rows) => [[node.inputs[0], rowsOf(node, rows)]],
  words: ({ attributes: { rows } }) => (rows.rounding ? "nearest resize" : "linear resize"),
  kernels: [
    {
      name: "double",
      rank: ({ attributes }) => (isDoubling(attributes) ? 0 : undefined),
      dispatches: ({ inputs: [x], outputs: [y] }) => [
        perGroup(shaders.resizeDouble, x, { bindings: [x, y], uniforms: doublingOf(x, y) }),
      ],
    },
    {
      name: "double-linear",
      rank: ({ attributes }) => (isLinearDoubling(attributes) ? 0 : undefined),
      dispatches: ({ inputs: [x], outputs: [y] }) => [
        perGroup(shaders.resizeDoubleLinear, x, { bindings: [x, y], uniforms: doublingOf(x, y) }),
      ],
    },
    {
      name: "resize",
      rank: () => 1,
      dispatches({ inputs: [x, rows, columns], outputs: [y], attributes }) {
        const isLinear = Number(attributes.rows.rounding === undefined);
        return [
          perGroup(shaders.resize, y, {
            bindings: [x, rows, columns, y],
            uniforms: { ...sizesOf(x, y), isLinear },
          }),
        ];
      },
    },
  ],
};

interface GradientAttributes extends Attributes {
  /** Of x. */
  readonly shape: Shape;
}

/** Inputs dy and the tables; output dx. */
export const resizeGradientOp: Op<GradientAttributes> = {
  name: "resize-gradient",
  outputs: (_, { shape }) => [{ shape, layout: "image" }],
  gradient({ inputs: [, ...tables], attributes, name }, [ddx]) {
    return [ddx && apply(resizeOp, [ddx, ...tables], attributes, `${name} gradient`)[0]];
  },
  kernels: [
    {
      name: "double",
      rank: ({ attributes }) => (isDoubling(attributes) ? 0 : undefined),
      tolerance: () => TOLERANCES.gradient,
      dispatches: ({ inputs: [dy], outputs: [dx] }) => [
        perGroup(shaders.resizeDoubleGradient, dx, {
          bindings: [dy, dx],
          uniforms: doublingOf(dx, dy),
        }),
      ],
    },
    {
      name: "double-linear",
      rank: ({ attributes }) => (isLinearDoubling(attributes) ? 0 : undefined),
      tolerance: () => TOLERANCES.gradient,
      dispatches: ({ inputs: [dy], outputs: [dx] }) => [
        perGroup(shaders.resizeDoubleLinearGradient, dx, {
          bindings: [dy, dx],
          uniforms: doublingOf(dx, dy),
        }),
      ],
    },
    {
      name: "resize-gradient",
      rank: () => 1,
      tolerance: () => TOLERANCES.gradient,
      dispatches: ({ inputs: [dy, rows, columns], outputs: [dx] }) => [
        perGroup(shaders.resizeGradient, dx, {
          bindings: [dy, rows, columns, dx],
          uniforms: sizesOf(dx, dy),
        }),
      ],
    },
  ],
};

/** Whether every pixel becomes a square of two by two pixels. */
const isDoubling = ({ rows, columns }: Attributes) =>
  [rows, columns].every((axis) => {
    if (axis.rounding === undefined || axis.count !== 2 * axis.size) return false;
    return Array.from({ length: axis.count }, (_, i) => tapOf(axis, i).first).every(
      (first, i) => first === i >> 1,
    );
  });

/** Whether two by two pixels lie in every pixel, at a quarter of its sides from its edges. */
const isLinearDoubling = ({ rows, columns }: Attributes) =>
  [rows, columns].every((axis) => {
    if (axis.rounding !== undefined || axis.count !== 2 * axis.size) return false;
    return Array.from({ length: axis.count }, (_, i) => tapOf(axis, i)).every(
      ({ first, weight }, i) => first === ((i + 1) >> 1) - 1 && weight === (i % 2 ? 0.25 : 0.75),
    );
  });

function doublingOf(x: Tensor, y: Tensor) {
  const { outHeight: _rows, outWidth: _columns, ...sizes } = sizesOf(x, y);
  return sizes;
}

function sizesOf(x: Tensor, y: Tensor) {
  const [from, to] = [imageSizes(x), imageSizes(y)];
  return {
    channels: from.c,
    inHeight: from.h,
    inWidth: from.w,
    inBlocks: from.blocks,
    outHeight: to.h,
    outWidth: to.w,
    outBlocks: to.blocks,
  };
}

/** Returns the rows that rows depend on, or columns that columns depend on if that is more. */
function rowsOf(
  { name, attributes: { rows, columns } }: Node<Attributes>,
  [first, last]: Rows,
): Rows {
  if (rows.coordinates === "align-corners") {
    throw new Error(`${name}: with alignCorners, a pixel depends on the size of the whole image`);
  }
  const spans = [rows, columns].map((axis): Rows => {
    const end = tapOf(axis, last);
    return [tapOf(axis, first).first, end.first + (end.weight > 0 ? 1 : 0)];
  });
  return [Math.min(spans[0][0], spans[1][0]), Math.max(spans[0][1], spans[1][1])];
}
