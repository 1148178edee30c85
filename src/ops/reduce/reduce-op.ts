// Reductions over some axes: sums, and largest or smallest values. Long ones are done in stages
// without atomics and barriers: parts first, then the parts of parts, in a fixed order.

import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { BLOCK, imageSizes } from "../../graph/layout.js";
import { apply, type Node, type Op, type Rows } from "../../graph/op.js";
import { elementCount, type Layout, type Shape, scratch, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";

/** What becomes of the reduced elements. */
export type Reduction = "sum" | "max" | "min";

/** The attributes of a reduction. */
export interface ReduceAttributes {
  readonly kind: Reduction;
  /** The sum is multiplied by it. */
  readonly factor: number;
  /** The sizes of the input, as the axes count them: [N,C,H,W] of an image. */
  readonly view: Shape;
  /** Ascending. */
  readonly axes: readonly number[];
  readonly shape: Shape;
  /** An image only if the input is one. */
  readonly layout: Layout;
  /** Returns the gradient of the input. */
  readonly gradientOf?: ((node: Node<ReduceAttributes>, dy: Tensor) => Tensor) | undefined;
}

const KINDS: Readonly<Record<Reduction, number>> = { sum: 0, max: 1, min: 2 };

/** Terms that an invocation adds at most in the last stage. */
const MOST_TERMS = 256;

/** Terms that an invocation adds at least in a stage before. */
const LEAST_TERMS = 64;

/** Invocations that keep an adapter busy. */
const MANY = 16_384;

/** Creates a node. */
export function applyReduce(x: Tensor, attributes: ReduceAttributes, name?: string): Tensor {
  return apply(reduceOp, [x], attributes, name ?? attributes.kind)[0];
}

export const reduceOp: Op<ReduceAttributes> = {
  name: "reduce",
  outputs: (_inputs, { shape, layout }) => [{ shape, layout }],
  gradient(node, [dy]) {
    return [dy && node.attributes.gradientOf?.(node, dy)];
  },
  receptiveField({ inputs: [x], attributes: { axes } }, rows) {
    if (x.layout === "dense") return [[x, [0, 0]]];
    const all: Rows = [0, x.shape[2] - 1];
    return [[x, axes.includes(2) ? all : rows]];
  },
  seesWholeImage: ({ inputs: [x], attributes: { axes } }) =>
    x.layout === "image" && axes.some((axis) => axis > 1),
  words: ({ attributes: { kind, axes } }) => `${kind} over the axes ${axes}`,
  kernels: [
    {
      name: "reduce",
      dispatches(node) {
        const [x] = node.inputs;
        return x.layout === "image" ? ofImage(node) : ofDense(node);
      },
    },
  ],
};

function ofImage({ inputs: [x], outputs: [y], attributes, name }: Node<ReduceAttributes>) {
  const { axes, kind } = attributes;
  const { n, c, h, w, blocks, groups } = imageSizes(x);
  const isReduced = [0, 1, 2, 3].map((axis) => axes.includes(axis));
  const kept = [n, c, h, groups].map((size, i) => (isReduced[i] ? 1 : size));
  const lanes = isReduced[3] ? Math.min(8, groups) : 1;
  const trips = isReduced[3] ? Math.ceil(groups / lanes) : 1;
  // In the order of the shader's loops.
  const [images, channels, rows] = [n, c, h].map((size, i) => (isReduced[i] ? size : 1));
  const loops = [images, rows, channels, trips];
  const axis = loops.indexOf(Math.max(...loops));
  const outputs = elementCount(kept);
  const terms = elementCount(loops);
  const splits = splitsFor(terms, outputs * lanes, loops[axis]);
  const count = outputs * splits * lanes;
  const parts = scratch(`${name}: parts`, count * 4);
  const first = dispatch(shaders.reduceImage, {
    constants: { KIND: KINDS[kind] },
    bindings: [x, parts],
    uniforms: {
      ...{ count, splits, axis, lanes, images, rows, channels, trips },
      ...{ keptChannels: kept[1], keptRows: kept[2], keptGroups: kept[3] },
      ...{ height: h, width: w, depth: c, blocks },
    },
    workgroups: workgroupsFor(count, ELEMENTWISE_LANES),
  });
  const [width, pitch] = isReduced[3] ? [1, 1] : [w, groups * 4];
  const inner = isReduced[3] ? 1 : 4;
  const lastTerms = (splits * lanes * 4) / inner;
  const rest = ofParts(parts, y, { outer: outputs, terms: lastTerms, inner }, attributes, {
    ...{ width, pitch, height: kept[2], channels: kept[1], blocks: Math.ceil(width / BLOCK) },
  });
  return [first, ...rest];
}

/** Reduces runs of neighbouring axes one after the other, the last first. */
function ofDense({ inputs: [x], outputs: [y], attributes, name }: Node<ReduceAttributes>) {
  const { axes, kind, factor } = attributes;
  const dispatches: Dispatch[] = [];
  let { view } = attributes;
  let from = x;
  let rest = axes;
  while (rest.length > 0) {
    const run = lastRun(rest, view);
    const [first, end] = [run[0], run[run.length - 1] + 1];
    const [outer, terms, inner] = [
      view.slice(0, first),
      view.slice(first, end),
      view.slice(end),
    ].map(elementCount);
    rest = rest.filter((axis) => !run.includes(axis));
    view = view.map((size, i) => (run.includes(i) ? 1 : size));
    const isLast = rest.length === 0;
    const to = isLast ? y : scratch(`${name}: axes ${run}`, outer * inner);
    const spec = { kind, factor: isLast ? factor : 1, layout: "dense" } as const;
    dispatches.push(...ofParts(from, to, { outer, terms, inner }, spec, PLAIN));
    from = to;
  }
  return dispatches;
}

/** Returns the last of the axes that have no kept axis between them, except of size 1. */
function lastRun(axes: readonly number[], view: Shape): number[] {
  const last = axes[axes.length - 1];
  return axes.filter((axis) =>
    view.every((size, i) => i <= axis || i >= last || size === 1 || axes.includes(i)),
  );
}

/** The places of outputs that are written as they are computed. */
const PLAIN = { pitch: 1, width: 1, height: 1, channels: 1, blocks: 1 };

/** Reduces the middle axis of a dense tensor, in stages if it is long. */
function ofParts(
  x: Tensor,
  y: Tensor,
  { outer, terms, inner }: { outer: number; terms: number; inner: number },
  spec: Pick<ReduceAttributes, "kind" | "factor" | "layout">,
  places: Readonly<Record<keyof typeof PLAIN, number>>,
): Dispatch[] {
  const { kind, factor, layout } = spec;
  const outputs = outer * inner;
  const splits = terms > MOST_TERMS ? splitsFor(terms, outputs, terms) : 1;
  const isLast = splits === 1;
  const count = outputs * splits;
  const target = isLast ? y : scratch(`${y.name}: parts of ${terms}`, count);
  const stage = dispatch(shaders.reduce, {
    constants: { KIND: KINDS[kind], IMAGE: Number(isLast && layout === "image") },
    bindings: [x, target],
    uniforms: {
      ...{ count, terms, inner, splits, factor: isLast ? factor : 1 },
      ...(isLast ? places : PLAIN),
    },
    workgroups: workgroupsFor(count, ELEMENTWISE_LANES),
  });
  if (isLast) return [stage];
  return [stage, ...ofParts(target, y, { outer, terms: splits, inner }, spec, places)];
}

/** Returns into how many parts to cut the terms of each of `outputs`, at most `most`. */
function splitsFor(terms: number, outputs: number, most: number): number {
  const wanted = Math.min(Math.ceil(terms / LEAST_TERMS), Math.ceil(MANY / outputs));
  return Math.max(1, Math.min(wanted, most));
}
