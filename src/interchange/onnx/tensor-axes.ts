// Axes of the tensors of other programs, by letters: "bcyx" is [N,C,H,W], the order of images here.

import { ShapeError } from "../../graph/tensor.js";
import type { OnnxGraph, StoredNode } from "./onnx-graph.js";

const IMAGE = "bcyx";

/** Whether axes are those of an image: rows and columns, each axis once. */
export const areImageAxes = (axes: string): boolean =>
  /^[bcyxzti]+$/.test(axes) &&
  axes.includes("y") &&
  axes.includes("x") &&
  new Set(axes).size === axes.length;

/** What is done to a tensor, one after the other. */
interface Change {
  readonly operator: "Squeeze" | "Transpose" | "Unsqueeze";
  /** Places of axes, or the new order of all. */
  readonly places: readonly number[];
}

const placesIn = (axes: string, isWanted: (letter: string) => boolean) =>
  [...axes].flatMap((letter, i) => (isWanted(letter) ? [i] : []));

/** The changes from axes to other axes; an axis that only one of them has is of size 1. */
function changes(from: string, to: string): Change[] {
  const common = [...from].filter((letter) => to.includes(letter));
  const ordered = [...to].filter((letter) => from.includes(letter));
  const order = ordered.map((letter) => common.indexOf(letter));
  const all: Change[] = [
    { operator: "Squeeze", places: placesIn(from, (letter) => !to.includes(letter)) },
    { operator: "Transpose", places: order.every((place, i) => place === i) ? [] : order },
    { operator: "Unsqueeze", places: placesIn(to, (letter) => !from.includes(letter)) },
  ];
  return all.filter(({ places }) => places.length > 0);
}

/** Nodes from the tensor `x` to `y`, which has other axes; none if they are the same. */
function axisNodes(x: string, from: string, y: string, to: string): StoredNode[] {
  const list = changes(from, to);
  return list.map(({ operator, places }, i) => ({
    operator,
    name: `${operator.toLowerCase()} ${from} to ${to}`,
    inputs: [i === 0 ? x : `${y}, ${i} of ${list.length}`],
    outputs: [i === list.length - 1 ? y : `${y}, ${i + 1} of ${list.length}`],
    attributes: { [operator === "Transpose" ? "perm" : "axes"]: places },
  }));
}

/** A tensor of a graph. */
export interface NamedTensor {
  readonly name: string;
  readonly axes: string;
}

/** An input of a graph as channels of the image. */
export interface ImageInput extends NamedTensor {
  readonly channels: number;
}

/** A graph from one image to the output, both [N,C,H,W]. */
export interface WithImageAxes {
  readonly input: string;
  readonly output: string;
  readonly nodes: readonly StoredNode[];
}

/**
 * Adds the nodes between an image and the inputs of a graph, which are its channels one after the other, and those
 * between its output and maps.
 */
export function withImageAxes(
  nodes: readonly StoredNode[],
  inputs: readonly ImageInput[],
  output: NamedTensor,
): WithImageAxes {
  const taken = new Set([
    ...inputs.map(({ name }) => name),
    ...nodes.flatMap((node) => [...node.inputs, ...node.outputs]),
  ]);
  const free = (name: string): string => (taken.has(name) ? free(`${name}'`) : name);
  const [only] = inputs;
  const isPlain = inputs.length === 1 && only.axes === IMAGE;
  const input = isPlain ? only.name : free("the image");
  const before: StoredNode[] = [];
  let start = 0;
  for (const { name, axes, channels } of inputs) {
    if (isPlain) break;
    const isOnly = inputs.length === 1;
    const isSame = axes === IMAGE;
    const own = isOnly ? input : isSame ? name : free(`channels of ${name}`);
    if (!isOnly) {
      const attributes = { starts: [start], ends: [start + channels], axes: [1] };
      const operator = "Slice";
      before.push({ operator, name: own, inputs: [input], outputs: [own], attributes });
    }
    before.push(...axisNodes(own, IMAGE, name, axes));
    start += channels;
  }
  const maps = output.axes === IMAGE ? output.name : free("the maps");
  const after = axisNodes(output.name, output.axes, maps, IMAGE);
  return { input, output: maps, nodes: [...before, ...nodes, ...after] };
}

/** The graph with some of its maps only. */
export function sliceOfMaps(graph: OnnxGraph, start: number, end: number): OnnxGraph {
  const output = `${graph.output}, maps ${start} to ${end}`;
  const node = {
    operator: "Slice",
    name: output,
    inputs: [graph.output],
    outputs: [output],
    attributes: { starts: [start], ends: [end], axes: [1] },
  };
  return { ...graph, output, nodes: [...graph.nodes, node] };
}

/** The axes of a tensor by its sizes: of a size that may vary it is known that it is no number of channels. */
export function axesBySizes(
  dims: readonly (number | string)[] | undefined,
  usual: string,
): string | undefined {
  if (dims === undefined) return usual;
  if (dims.length === 2) return "yx";
  if (dims.length === 3) return channelIsLast(dims[0], dims[2]) ? "yxc" : "cyx";
  if (dims.length !== 4) return undefined;
  const [, second, , last] = dims;
  if (typeof second === "string" && typeof last === "string") return usual;
  return channelIsLast(second, last) ? "byxc" : IMAGE;
}

/** More are rather a height or width. */
const MOST_CHANNELS = 8;

function channelIsLast(first: number | string, last: number | string): boolean {
  if (typeof last === "string") return false;
  if (typeof first === "string") return true;
  return last <= MOST_CHANNELS && first > MOST_CHANNELS;
}

/** An array [N,C,H,W], row-major. */
export interface ImageArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Returns numbers with these axes as [N,C,H,W]. Throws for another rank, and for volumes. */
export function asImageArray(
  { shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  axes: string,
  what: string,
): ImageArray {
  if (shape.length !== axes.length) {
    throw new ShapeError(`${what} is [${shape}], expected the axes ${axes}`);
  }
  const extra = placesIn(
    axes,
    (letter) => !IMAGE.includes(letter) && shape[axes.indexOf(letter)] !== 1,
  );
  if (extra.length > 0) {
    throw new ShapeError(`${what} is [${shape}] with the axes ${axes}, expected one plane`);
  }
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const of = (list: readonly number[], letter: string, usual: number) =>
    axes.includes(letter) ? list[axes.indexOf(letter)] : usual;
  const sizes = [...IMAGE].map((letter) => of(shape, letter, 1));
  const steps = [...IMAGE].map((letter) => of(strides, letter, 0));
  const [n, c, h, w] = sizes;
  const result = new Float64Array(n * c * h * w);
  let to = 0;
  for (let b = 0; b < n; b++) {
    for (let k = 0; k < c; k++) {
      for (let y = 0; y < h; y++) {
        const row = b * steps[0] + k * steps[1] + y * steps[2];
        for (let x = 0; x < w; x++, to++) result[to] = data[row + x * steps[3]];
      }
    }
  }
  return { shape: sizes, data: result };
}
