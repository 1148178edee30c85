// Derives from a network's graph which inputs it accepts and which part of them it predicts.

import { input, type Tensor, text } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Model, NetworkOutputs } from "./model.js";
import { type ParameterLayout, parameterTensors } from "./parameters.js";
import { seenRows } from "./receptive-field.js";

export interface Geometry {
  readonly smallest: number;
  readonly gridStep: number;
  /** Pixels by which the output is smaller than the input. */
  readonly lost: number;
  readonly halo: number;
}

/** What an architecture claims about its network. */
export interface Claims {
  /** Begins each error. */
  readonly name: string;
  readonly outputs: NonNullable<Model["outputs"]>;
  readonly parameters: ParameterLayout;
  readonly channels: number;
  readonly classes: number;
  readonly gridStep: number;
  /** By default the grid step. */
  readonly smallest?: number | undefined;
  /** By default derived from the graph. */
  readonly halo?: number | undefined;
  /** Whether layers may see the whole tile. */
  readonly tileStatistics?: boolean | undefined;
}

/** Returns the geometry. Throws if the graph contradicts the claims. */
export function geometryOf(claims: Claims): Geometry {
  const { name, gridStep, smallest = gridStep } = claims;
  for (const [what, value] of Object.entries({ gridStep, smallest })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new Error(`${name}: ${what} must be a whole number from 1, got ${value}`);
  }
  const [small, large] = [smallest, smallest + gridStep].map((side) => graphOf(claims, side));
  const lost = small.image.shape[2] - small.output.shape[2];
  const more = large.output.shape[2] - small.output.shape[2];
  if (more !== gridStep) {
    throw new Error(
      `${name}: gridStep is ${gridStep}, but an input larger by that than ${smallest} ` +
        `gives an output larger by ${more}, expected the same`,
    );
  }
  if (lost < 0 || lost % 2 !== 0) {
    throw new Error(
      `${name}: an input of ${smallest} pixels gives ${smallest - lost}, expected the same or an even ` +
        "number fewer: each side must be cut by the same number",
    );
  }
  checkWholeTile(claims, large);
  return { smallest, gridStep, lost, halo: haloOf(claims, large) };
}

interface Graph {
  readonly image: Tensor;
  /** The logits. */
  readonly output: Tensor;
  /** Other heads of the same size. */
  readonly others: readonly Tensor[];
}

function graphOf({ name, outputs, parameters, channels, classes }: Claims, side: number): Graph {
  const image = input("image", [1, channels, side, side]);
  let all: NetworkOutputs;
  try {
    all = outputs(image, parameterTensors(parameters));
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `${name}: an input of ${side} pixels, which is valid by gridStep and smallest: ${message}`,
    );
  }
  const { logits: output, ...heads } = all;
  const [n, c, height, width] = output.shape;
  const others = Object.values(heads).filter(({ shape }) => shape[2] === height);
  if (output.layout === "image" && n === 1 && c === classes && height === width)
    return { image, output, others };
  throw new Error(
    `${name}: logits of ${text(image.shape)} are ${text(output.shape)}, expected ` +
      `[1, ${classes}, S, S]: one map per class`,
  );
}

/** Throws if a layer sees the whole tile and the architecture does not say so. */
function checkWholeTile({ name, tileStatistics }: Claims, { output, others }: Graph): void {
  if (tileStatistics) return;
  const whole = nodesFor([output, ...others]).find((node) => node.op.seesWholeImage?.(node));
  if (!whole) return;
  throw new Error(
    `${name}: ${whole.name} depends on all pixels of a tile, so that predictions depend on how an image is ` +
      "cut into tiles: use layers that do not, such as a batch norm, or say `tileStatistics: true`",
  );
}

/** Returns the halo of all heads, or the claimed one if it is large enough. */
function haloOf(claims: Claims, { image, output, others }: Graph): number {
  return Math.max(...[output, ...others].map((head) => haloOfHead(claims, image, head)));
}

function haloOfHead({ name, gridStep, halo }: Claims, image: Tensor, output: Tensor): number {
  if (halo !== undefined && !(Number.isSafeInteger(halo) && halo >= 0)) {
    throw new Error(`${name}: halo must be a whole number from 0, got ${halo}`);
  }
  let seen: ReturnType<typeof seenRows>;
  try {
    seen = seenRows(image, output, 2 * gridStep);
  } catch (error) {
    if (halo !== undefined) return halo;
    throw new Error(
      `${name}: give halo, since it cannot be derived from the graph: ${(error as Error).message}`,
    );
  }
  const other = seen
    .slice(0, gridStep)
    .findIndex((rows, i) => `${rows}` !== `${seen[i + gridStep]}`);
  if (other >= 0) {
    throw new Error(
      `${name}: gridStep is ${gridStep}, but output rows ${other} and ${other + gridStep} have different ` +
        "receptive fields: expected 2 to the number of poolings",
    );
  }
  const least = leastHalo(image, output, seen.slice(0, gridStep));
  if (halo === undefined || halo >= least) return halo ?? least;
  throw new Error(
    `${name}: halo is ${halo}, but ${least} pixels per side depend on zeros past the input`,
  );
}

/**
 * Returns the number of rows at each end of the output that include one which sees rows past the
 * image; it is the same for columns.
 */
function leastHalo(
  image: Tensor,
  output: Tensor,
  seen: readonly (readonly [number, number])[],
): number {
  const [side, outs] = [image.shape[2], output.shape[2]];
  const margin = (side - outs) / 2;
  const gridStep = seen.length;
  let halo = 0;
  for (const [phase, [first, last]] of seen.entries()) {
    // Rows phase, phase + gridStep, ... see equally far from their own position.
    for (let row = phase; row + margin + first < 0; row += gridStep) halo = Math.max(halo, row + 1);
    const lowest = outs - 1 - ((outs - 1 - phase) % gridStep);
    for (let row = lowest; row + margin + last > side - 1; row -= gridStep) {
      halo = Math.max(halo, outs - row);
    }
  }
  return halo;
}
