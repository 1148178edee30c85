// Blocks of pixels as channels or as images, and back. All layouts of memory; x [N,C,H,W].

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { rearrange } from "./rearrange.js";

/** The order of the channels that hold a block of pixels. */
export interface BlockOptions {
  /**
   * "DCR": the place in the block is the slow index, the channel the fast one (ONNX's default,
   * TensorFlow). "CRD": the channel is the slow index (PyTorch's pixel shuffle).
   */
  readonly mode?: "DCR" | "CRD" | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<BlockOptions> = { mode: 1, name: 1 };

/** The sides of a block of pixels: [rows, columns], or a number for both. */
export type Block = number | readonly [rows: number, columns: number];

/**
 * Moves blocks of pixels into channels: x [N,C,H,W] -> [N,C*r*r,H/r,W/r] for a block of r x r
 * (ONNX SpaceToDepth; with the mode "CRD" PyTorch's pixel_unshuffle). The default mode is "DCR".
 */
export function spaceToDepth(x: Tensor, block: Block, options: BlockOptions = {}): Tensor {
  const isDcr = isDepthFirst("spaceToDepth", options);
  return gathered("spaceToDepth", x, block, isDcr, options.name);
}

function gathered(words: string, x: Tensor, block: Block, isDcr: boolean, name?: string): Tensor {
  const [rows, columns] = sidesOf(words, x, block);
  const [n, c, h, w] = wholeBlocks(words, x, rows, columns);
  const sizes = [n, c, h / rows, rows, w / columns, columns];
  const order = isDcr ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
  const shape = [n, c * rows * columns, h / rows, w / columns];
  return rearrange(x, { words, sizes, order, shape, layout: x.layout }, name);
}

/**
 * Moves channels into blocks of pixels: x [N,C*r*r,H,W] -> [N,C,H*r,W*r], the inverse of
 * `spaceToDepth` (ONNX DepthToSpace). The default mode is "DCR".
 */
export function depthToSpace(x: Tensor, block: Block, options: BlockOptions = {}): Tensor {
  const [rows, columns] = sidesOf("depthToSpace", x, block);
  const isDcr = isDepthFirst("depthToSpace", options);
  return shuffled("depthToSpace", x, rows, columns, isDcr, options.name);
}

/** PyTorch's pixel shuffle: `depthToSpace` with the mode "CRD". x [N,C*r*r,H,W] -> [N,C,H*r,W*r]. */
export function pixelShuffle(x: Tensor, factor: Block, name?: string): Tensor {
  const [rows, columns] = sidesOf("pixelShuffle", x, factor);
  return shuffled("pixelShuffle", x, rows, columns, false, name);
}

/** PyTorch's pixel unshuffle: `spaceToDepth` with the mode "CRD". */
export function pixelUnshuffle(x: Tensor, factor: Block, name?: string): Tensor {
  return gathered("pixelUnshuffle", x, factor, false, name);
}

/**
 * Makes an image of each place in the blocks of pixels: x [N,C,H,W] -> [r*r*N,C,H/r,W/r]. A
 * convolution of the result is a dilated one of x. Image p * N + n has the place p of x's image n.
 */
export function spaceToBatch(x: Tensor, block: Block, name?: string): Tensor {
  const [rows, columns] = sidesOf("spaceToBatch", x, block);
  const [n, c, h, w] = wholeBlocks("spaceToBatch", x, rows, columns);
  const sizes = [n, c, h / rows, rows, w / columns, columns];
  const shape = [rows * columns * n, c, h / rows, w / columns];
  const order = [3, 5, 0, 1, 2, 4];
  return rearrange(x, { words: "spaceToBatch", sizes, order, shape, layout: x.layout }, name);
}

/** The inverse of `spaceToBatch`: x [r*r*N,C,H,W] -> [N,C,H*r,W*r]. */
export function batchToSpace(x: Tensor, block: Block, name?: string): Tensor {
  const [rows, columns] = sidesOf("batchToSpace", x, block);
  const [all, c, h, w] = x.shape;
  const n = all / (rows * columns);
  if (!Number.isInteger(n)) {
    throw new ShapeError(
      `batchToSpace: ${text(x.shape)} has ${all} images, expected a multiple of ${rows * columns}`,
    );
  }
  const sizes = [rows, columns, n, c, h, w];
  const shape = [n, c, h * rows, w * columns];
  const order = [2, 3, 4, 0, 5, 1];
  return rearrange(x, { words: "batchToSpace", sizes, order, shape, layout: x.layout }, name);
}

function shuffled(
  words: string,
  x: Tensor,
  rows: number,
  columns: number,
  isDcr: boolean,
  name?: string,
): Tensor {
  const [n, all, h, w] = x.shape;
  const c = all / (rows * columns);
  if (!Number.isInteger(c)) {
    throw new ShapeError(
      `${words}: ${text(x.shape)} has ${all} channels, expected a multiple of ${rows * columns}`,
    );
  }
  const sizes = isDcr ? [n, rows, columns, c, h, w] : [n, c, rows, columns, h, w];
  const order = isDcr ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const shape = [n, c, h * rows, w * columns];
  return rearrange(x, { words, sizes, order, shape, layout: x.layout }, name);
}

function sidesOf(op: string, x: Tensor, block: Block): readonly [number, number] {
  expectTensor(op, "input", x);
  if (x.shape.length !== 4) throw new ShapeError(`${op}: expected [N,C,H,W], got ${text(x.shape)}`);
  const sides = typeof block === "number" ? [block, block] : block;
  const isValid = Array.isArray(sides) && sides.length === 2;
  if (isValid && sides.every((side) => Number.isInteger(side) && side >= 1))
    return [sides[0], sides[1]];
  throw new ShapeError(
    `${op}: a block must be a whole number from 1, or [rows, columns], got ${kindOf(block)}`,
  );
}

function isDepthFirst(op: string, options: BlockOptions): boolean {
  checkKeys(op, options, OPTIONS);
  const { mode = "DCR" } = options;
  checkWord(`${op}: mode`, mode, ["DCR", "CRD"]);
  return mode === "DCR";
}

function wholeBlocks(op: string, x: Tensor, rows: number, columns: number): readonly number[] {
  if (x.shape[2] % rows === 0 && x.shape[3] % columns === 0) return x.shape;
  throw new ShapeError(
    `${op}: ${text(x.shape)} must hold whole blocks of ${rows} x ${columns} pixels: pad it first`,
  );
}
