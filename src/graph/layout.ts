// Where an element of a tensor lies in memory: the one place in TypeScript that knows. Each shader
// that reads pixels repeats the formula in a function `at` (test/graph/order.test.ts compares).
//
// Images [N, C, H, W] are rows of blocks: [n][y][x / 32][c][32 pixels]. Pixels are read in groups
// of four (a vec4f); eight groups make a block of one channel. Neighbouring groups of a row lie in
// neighbouring addresses, so that lanes along x read whole cache lines; all channels of a block
// stand together, so that a kernel walks over channels in steps of 128 bytes; and the bytes are
// those of a texture of C * 8 texels by N * H * blocks rows (`textureSize`).
//
// The rule of the padding: in the last group of a row, pixels past W are zero: who writes a tensor
// keeps that, so that sums over a row need no mask. Groups past ceil(W / 4) hold anything and are
// never read.

import { elementCount, ShapeError, type Tensor, type TexelRows, text } from "./tensor.js";

/** Pixels of one channel that stand together. */
export const BLOCK = 32;

export interface ImageSizes {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  /** Blocks of 32 pixels a row. */
  readonly blocks: number;
  /** Groups of four pixels a row. */
  readonly groups: number;
}

export function imageSizes(tensor: Tensor): ImageSizes {
  const [n, c, h, w] = tensor.shape;
  return { n, c, h, w, blocks: Math.ceil(w / BLOCK), groups: Math.ceil(w / 4) };
}

/** Elements that a tensor occupies, padding included. A multiple of 4 for image tensors. */
export function floatCount(tensor: Tensor): number {
  if (tensor.layout === "dense") return elementCount(tensor.shape);
  const { n, c, h, blocks } = imageSizes(tensor);
  return n * h * blocks * c * BLOCK;
}

/** Bytes that a tensor occupies in a storage buffer: at least 16, a multiple of 16. */
export function byteCount(tensor: Tensor): number {
  const bytes = floatCount(tensor) * (tensor.dtype === "f16" ? 2 : 4);
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}

/** A tensor's bytes, taken as texels of four elements. */
export interface TextureSize {
  readonly width: number;
  readonly height: number;
  /** Binary logarithm of the rows of blocks that stand side by side in a row of texels. */
  readonly fold: number;
  /** 16, or 8 where the tensor is packed. */
  readonly texelBytes: number;
  /** Bytes of all texels: what a buffer must hold to be copied into the texture. */
  readonly bytes: number;
}

/** Texels of one row of a copy are a multiple of these (256 bytes), of 16 bytes each. */
export const ROW_TEXELS = 16;

/** Side of the largest texture that every adapter offers: more rows are folded. */
const MAX_ROWS = 8192;

/**
 * The texture that holds the same bytes as a tensor. An image has row r = (n * H + y) * blocks +
 * x / 32 in the texels [(r mod F) * C * 8, ...) of row r / F, where F = 2^fold is 1 wherever C * 8
 * texels are a multiple of 256 bytes and the rows not too many. A dense tensor, [rows, texels, 4] or a
 * weight, has a row for each index of its first dimension, or F of them side by side, so that they
 * make a multiple of ROW_TEXELS texels.
 */
export function textureSize(tensor: Tensor): TextureSize {
  const texelBytes = tensor.dtype === "f16" ? 8 : 16;
  if (tensor.layout === "dense") {
    const rows = tensor.shape[0];
    const texels = elementCount(tensor.shape) / rows / 4;
    let fold = 0;
    while (2 ** fold < ROW_TEXELS && (texels * 2 ** fold) % ROW_TEXELS !== 0) fold++;
    const [width, height] = [texels * 2 ** fold, rows / 2 ** fold];
    if (tensor.shape.length < 3 || width % ROW_TEXELS !== 0 || !Number.isInteger(height)) {
      throw new ShapeError(
        `${tensor.name}: a texture is [rows, texels, 4] with whole rows of a multiple of ${ROW_TEXELS} texels, got ${text(tensor.shape)}`,
      );
    }
    return { width, height, fold, texelBytes, bytes: width * height * texelBytes };
  }
  const { n, c, h, blocks } = imageSizes(tensor);
  const rows = n * h * blocks;
  const isWhole = (fold: number) => (c * (BLOCK / 4) * texelBytes * 2 ** fold) % 256 === 0;
  let fold = 0;
  while (!isWhole(fold) || Math.ceil(rows / 2 ** fold) > MAX_ROWS) fold++;
  const width = (c * BLOCK * 2 ** fold) / 4;
  const height = Math.ceil(rows / 2 ** fold);
  return { width, height, fold, texelBytes, bytes: width * height * texelBytes };
}

/**
 * Rows of tensors one below the other in one texture, in this order, as `textureSize` says: for a
 * kernel that reads two tensors of one element as if they were one. It can be bound as a texture
 * alone.
 */
export function stacked(name: string, parts: readonly TexelRows[]): Tensor {
  const { dtype } = parts[0].tensor;
  const height = parts.reduce((sum, { count }) => sum + count, 0);
  const width = Math.max(...parts.map(({ tensor }) => textureSize(tensor).width));
  const rowTexels = Math.ceil(width / ROW_TEXELS) * ROW_TEXELS;
  return {
    name,
    shape: [height, rowTexels, 4],
    layout: "dense",
    dtype,
    node: undefined,
    source: { kind: "joined", parts },
  };
}

/** A crop of an image in a texture: where its pixels lie in the rows that are there. */
export interface Crop {
  readonly rows: readonly TexelRows[];
  /** Rows of pixels of each image that are there. */
  readonly height: number;
  /** Those of them above the crop. */
  readonly top: number;
}

/**
 * The rows that hold the centre of an image, `height` pixels high: all rows where a row of texels
 * holds several rows of pixels.
 */
export function centreRows(tensor: Tensor, height: number): Crop {
  const { n, h, blocks } = imageSizes(tensor);
  const top = (h - height) >> 1;
  const size = textureSize(tensor);
  if (size.fold > 0) return { rows: [{ tensor, first: 0, count: size.height }], height: h, top };
  const rows = Array.from({ length: n }, (_, image) => {
    return { tensor, first: (image * h + top) * blocks, count: height * blocks };
  });
  return { rows, height, top: 0 };
}

/** Row-major values as they lie in GPU memory, padding zero. */
export function toLayout(tensor: Tensor, values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const result = new Float32Array(byteCount(tensor) / 4);
  if (tensor.layout === "dense") {
    result.set(values);
    return result;
  }
  eachRow(tensor, (row, at, width) => {
    for (let x = 0; x < width; x++) result[at + x] = values[row + x];
  });
  return result;
}

/** The inverse of `pack`: values row-major, without padding. */
export function fromLayout(tensor: Tensor, memory: Float32Array): Float32Array<ArrayBuffer> {
  if (tensor.dtype === "f16") {
    throw new ShapeError(`${tensor.name} lies in memory as f16: widen it before it is read`);
  }
  const result = new Float32Array(elementCount(tensor.shape));
  if (tensor.layout === "dense") {
    result.set(memory.subarray(0, result.length));
    return result;
  }
  eachRow(tensor, (row, at, width) => {
    result.set(memory.subarray(at, at + width), row);
  });
  return result;
}

/** Calls `visit` with the row-major offset, the memory offset and the length of each run of pixels. */
function eachRow(tensor: Tensor, visit: (row: number, at: number, width: number) => void): void {
  const { n, c, h, w, blocks } = imageSizes(tensor);
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < c; channel++) {
      for (let y = 0; y < h; y++) {
        const row = ((image * c + channel) * h + y) * w;
        for (let block = 0; block < blocks; block++) {
          const at = (((image * h + y) * blocks + block) * c + channel) * BLOCK;
          visit(row + block * BLOCK, at, Math.min(BLOCK, w - block * BLOCK));
        }
      }
    }
  }
}
