// The op of matrix products.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { apply, type Node, type Op } from "../../graph/op.js";
import { ShapeError, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { sharesLoads } from "../common/adapter.js";
import { one } from "../common/one.js";
import {
  type Dimension,
  dimensionsOf,
  type MatmulAttributes,
  MOST_DIMENSIONS,
  merged,
} from "./matmul-sizes.js";
import { textureKernel } from "./matmul-texture.js";

/** Inputs a, b and optionally a bias, all dense; output the products. */
export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  outputs: (_inputs, attributes) => {
    const { outer, inner } = merged(attributes);
    if (outer.length > MOST_DIMENSIONS || inner.length > MOST_DIMENSIONS) {
      throw new ShapeError(
        `matmul: at most ${MOST_DIMENSIONS} dimensions can be broadcast in turns, got ${Math.max(outer.length, inner.length)}: reshape the tensors`,
      );
    }
    return [{ shape: attributes.shape, layout: "dense" }];
  },
  gradient({ inputs, attributes, name }, [dy]) {
    if (!dy) return [];
    if (attributes.inner.length > 0) {
      throw new ShapeError(`${name}: second derivatives of broadcast products are not supported`);
    }
    const [a, b] = inputs;
    const { size, outer } = attributes;
    const [m, n, k] = size;
    // The strides of dy.
    const steps = outer.map((_, i) => outer.slice(i + 1).reduce((s, { size }) => s * size, m * n));
    const withDy = outer.map((dimension, i) => ({ ...dimension, dy: steps[i] }));
    // a.size is [M,K] or [K,M] in memory: the gradient is computed in that order.
    const isA = ({ a }: Dimension) => a > 0;
    const isB = ({ b }: Dimension) => b > 0;
    const da = product(a, `${name} gradient: a`, isSwapped(attributes.a), {
      size: [m, k, n],
      left: dy,
      leftStrides: [n, 1],
      right: b,
      rightStrides: [attributes.b[1], attributes.b[0]],
      outer: withDy.filter(isA).map(({ size, dy, b }) => ({ size, a: dy, b })),
      inner: withDy.filter((d) => !isA(d)).map(({ size, dy, b }) => ({ size, a: dy, b })),
    });
    const db = product(b, `${name} gradient: b`, isSwapped(attributes.b), {
      size: [k, n, m],
      left: a,
      leftStrides: [attributes.a[1], attributes.a[0]],
      right: dy,
      rightStrides: [n, 1],
      outer: withDy.filter(isB).map(({ size, dy, a }) => ({ size, a, b: dy })),
      inner: withDy.filter((d) => !isB(d)).map(({ size, dy, a }) => ({ size, a, b: dy })),
    });
    return attributes.bias ? [da, db, columnSums(dy, m, n, inputs[2], name)] : [da, db];
  },
  words: ({ attributes: { bias } }) => (bias ? "linear layer" : "matrix product"),
  kernels: [
    textureKernel,
    {
      name: "shared",
      rank: (_node, capabilities) => (isShared(capabilities) ? 1 : undefined),
      dispatches: (node, capabilities) => [multiply(node, capabilities, true)],
    },
    {
      name: "workgroup",
      rank: () => 2,
      isReference: true,
      dispatches: (node, capabilities) => [multiply(node, capabilities, false)],
    },
  ],
};

/** Whether the lanes of a workgroup are one subgroup of a processor. */
const isShared = (capabilities: Capabilities) =>
  capabilities.kind === "cpu" && sharesLoads(capabilities, [4, 8, 16]);

/** Rows per invocation, and columns. */
const SHARED_TILE = { rows: 16, columns: 4 };
/** Rows and columns of a workgroup of the other kernel. */
const TILE = 64;

function multiply(
  { inputs: [a, b, bias], outputs: [y], attributes }: Node<MatmulAttributes>,
  { workgroupSize }: Capabilities,
  shared: boolean,
): Dispatch {
  const { size, outer, inner, ...strides } = merged(attributes);
  const [m, n, k] = size;
  const batches = productOf(outer);
  const [tileM, tileN] = shared
    ? [SHARED_TILE.rows, SHARED_TILE.columns * workgroupSize]
    : [TILE, TILE];
  const call = {
    bindings: [a, b, bias ?? ABSENT, y],
    uniforms: {
      m,
      n,
      k,
      aM: strides.a[0],
      aK: strides.a[1],
      bK: strides.b[0],
      bN: strides.b[1],
      batches,
      inners: productOf(inner),
      biases: Number(bias !== undefined),
      ...dimensionUniforms(dimensionsOf(outer, inner)),
    },
    workgroups: workgroupsFor(Math.ceil(m / tileM) * Math.ceil(n / tileN) * batches, 1),
    multiplyAdds: m * n * k * batches * productOf(inner),
  } as const;
  if (!shared) return dispatch(shaders.matmul, call);
  const constants = { ROWS: tileM, COLUMNS: SHARED_TILE.columns, LANES: workgroupSize };
  return dispatch(shaders.matmulShared, { ...call, constants });
}

const productOf = (dimensions: readonly Dimension[]) =>
  dimensions.reduce((product, { size }) => product * size, 1);

type Place = 0 | 1 | 2 | 3 | 4 | 5;

/** Uniforms: sizes and strides of three outer and three inner dimensions. */
const dimensionUniforms = (dimensions: readonly Dimension[]) =>
  Object.fromEntries(
    dimensions.flatMap(({ size, a, b }, i) => [
      [`size${i}`, size],
      [`a${i}`, a],
      [`b${i}`, b],
    ]),
  ) as Record<`size${Place}` | `a${Place}` | `b${Place}`, number>;

/** Whether the rows of a matrix are adjacent in memory and its columns are not. */
const isSwapped = ([first, second]: readonly [number, number]) => first === 1 && second !== 1;

interface Product extends Pick<MatmulAttributes, "size" | "outer" | "inner"> {
  readonly left: Tensor;
  readonly leftStrides: readonly [number, number];
  readonly right: Tensor;
  readonly rightStrides: readonly [number, number];
}

/** Returns a product with the shape of `like`, in whose memory it may be transposed. */
function product(like: Tensor, name: string, isTransposed: boolean, given: Product): Tensor {
  const { size, left, leftStrides, right, rightStrides, outer, inner } = given;
  const { shape } = like;
  if (!isTransposed) {
    const attributes = { size, a: leftStrides, b: rightStrides, outer, inner, shape, bias: false };
    return apply(matmulOp, [left, right], attributes, name)[0];
  }
  const swap = ({ size, a, b }: Dimension) => ({ size, a: b, b: a });
  const [m, n, k] = size;
  const attributes: MatmulAttributes = {
    size: [n, m, k],
    a: [rightStrides[1], rightStrides[0]],
    b: [leftStrides[1], leftStrides[0]],
    outer: outer.map(swap),
    inner: inner.map(swap),
    shape,
    bias: false,
  };
  return apply(matmulOp, [right, left], attributes, name)[0];
}

/** Returns the sums of the columns of dy [M,N], as the product with a row of ones. */
function columnSums(dy: Tensor, m: number, n: number, { shape }: Tensor, name: string): Tensor {
  const attributes: MatmulAttributes = {
    size: [1, n, m],
    a: [0, 0],
    b: [n, 1],
    outer: [],
    inner: [],
    shape,
    bias: false,
  };
  return apply(matmulOp, [one("one"), dy], attributes, `${name} gradient: bias`)[0];
}
