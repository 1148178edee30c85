// Finds which sizes of images an imported network takes, by building its graph for some.

import { input, type Tensor } from "../../graph/tensor.js";
import { type Budget, type OnnxGraph, TooMuch } from "./onnx-graph.js";

/** Sizes are found by building the graph for many: more nodes than this, in all, take seconds. */
const MOST_BUILT = 300_000;

/** Builds the maps of an image, and takes what that costs from the budget. */
type Build = (x: Tensor, budget: Budget) => Tensor;

export interface OnnxSizes {
  /** The smallest valid side of an image, in pixels. */
  readonly smallest: number;
  /** The distance between valid sides, and of tiles that give the pixels of the whole image. */
  readonly gridStep: number;
  /** Channels of the output. */
  readonly maps: number;
}

/** Poolings of 2^10 pixels are the most that is looked for, and sides of images up to this. */
const LARGEST_STEP = 1024;
const LARGEST_FIRST = 1200;

/**
 * Finds the sizes. `declared`: the side that the file gives, if it gives one. Throws the error of the graph if
 * none works, and an error if only one does.
 */
export function sizesOf(build: Build, channels: number, declared: number | undefined): OnnxSizes {
  const budget: Budget = { left: MOST_BUILT };
  const mapsOf = (side: number) => build(input("image", [1, channels, side, side]), budget);
  const sideOf = (side: number): number | undefined => {
    try {
      const [, , height, width] = mapsOf(side).shape;
      return height === width ? height : undefined;
    } catch (error) {
      if (error instanceof TooMuch) throw error;
      return undefined;
    }
  };
  const first = declared ?? firstSide(sideOf);
  // Throws what is wrong with the graph, if it is not the size.
  const { shape } = mapsOf(first ?? 512);
  if (first === undefined) {
    throw new Error(`images of up to ${LARGEST_FIRST} pixels do not fit it`);
  }
  if (shape.length !== 4 || shape[2] !== shape[3]) {
    throw new Error(
      `its output for an image of ${first} pixels is [${shape}], expected maps [N, C, S, S]`,
    );
  }
  for (let step = 1; step <= LARGEST_STEP; step *= 2) {
    const side = declared ?? Math.ceil(first / step) * step;
    if (!growsBy(step, side, sideOf) || !isOnGrid(step, mapsOf(side + 16 * LARGEST_STEP))) continue;
    let smallest = side;
    while (smallest > step && fits(smallest - step, sideOf)) smallest -= step;
    return { smallest, gridStep: step, maps: shape[1] };
  }
  throw new Error(
    `it takes images of ${first} x ${first} pixels only: sizes of its graph are fixed. Export it with sizes that vary`,
  );
}

function firstSide(sideOf: (side: number) => number | undefined): number | undefined {
  for (let side = 1; side <= LARGEST_FIRST; side++) if (fits(side, sideOf)) return side;
  return undefined;
}

const fits = (side: number, sideOf: (side: number) => number | undefined) =>
  (sideOf(side) ?? 0) > 0;

/** Whether images larger by a step give maps larger by it, and tiles far larger too. */
function growsBy(
  step: number,
  side: number,
  sideOf: (side: number) => number | undefined,
): boolean {
  const own = sideOf(side);
  if (own === undefined || own < 1) return false;
  return [step, 2 * step, 16 * LARGEST_STEP].every((more) => sideOf(side + more) === own + more);
}

/** Whether no map on the way is coarser than the step: 16 pixels after four poolings. */
function isOnGrid(step: number, output: Tensor): boolean {
  const seen = new Set<Tensor>();
  const open = [output];
  const side = output.shape[2];
  while (open.length > 0) {
    const tensor = open.pop() as Tensor;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const [, , height = 1, width] = tensor.shape;
    // Of square images maps are square: other tensors have their axes in another order.
    const isMap = height > 1 && height === width && tensor.node !== undefined;
    if (isMap && 2 ** Math.round(Math.log2(side / height)) > step) return false;
    open.push(...(tensor.node?.inputs ?? []));
  }
  return true;
}

/** Maps that are smaller or larger than this share of an image are no prediction of its pixels. */
const LARGEST_FACTOR = 64;

/** Returns by what factor the maps must be enlarged to have the image's size: 1 unless images grow faster or slower. */
export function enlargement(build: Build, channels: number, declared: number | undefined): number {
  const sides = [2 * LARGEST_STEP, 4 * LARGEST_STEP].map((more) => (declared ?? 0) + more);
  const budget = { left: MOST_BUILT };
  try {
    const [small, large] = sides.map((side) => {
      const { shape } = build(input("image", [1, channels, side, side]), budget);
      return shape.length === 4 && shape[2] === shape[3] ? shape[2] : Number.NaN;
    });
    const factor = (sides[1] - sides[0]) / (large - small);
    const isWhole = Number.isInteger(factor) || Number.isInteger(1 / factor);
    const isSmall = Math.max(factor, 1 / factor) <= LARGEST_FACTOR;
    return factor > 0 && isWhole && isSmall ? factor : 1;
  } catch {
    return 1;
  }
}

/** The graph with maps enlarged, between pixels linearly. */
export function withEnlargement(graph: OnnxGraph, factor: number): OnnxGraph {
  if (factor === 1) return graph;
  const scales = `${graph.output}, scales`;
  const output = `${graph.output}, of the image's size`;
  const node = {
    operator: "Resize",
    name: output,
    inputs: [graph.output, "", scales],
    outputs: [output],
    attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
  };
  const constants = { ...graph.constants, [scales]: { dims: [4], values: [1, 1, factor, factor] } };
  return { ...graph, output, constants, nodes: [...graph.nodes, node] };
}
