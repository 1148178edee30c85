// The memory layout of tensors. This is the only TypeScript file that has the formula; each shader
// that reads pixels repeats it in a function `at` (test/graph/layout.test.ts compares).
//
// Images [N, C, H, W] are stored as rows of blocks: [n][y][x / 32][c][32 pixels]. Pixels are read
// in groups of four (a vec4f); eight groups make a block of one channel. Neighbouring groups of a
// row have neighbouring addresses, so that lanes along x read whole cache lines. All channels of a
// block are adjacent, so that a kernel walks over channels in steps of 128 bytes. The bytes are
// also those of a texture of C * 8 texels by N * H * blocks rows (`textureSize`).
//
// The padding rule: in the last group of a row, pixels past W are zero, so that sums over a row
// need no mask. Whatever writes a tensor must keep this. Groups past ceil(W / 4) have undefined
// contents and are never read.

import { elementCount, ShapeError, type Tensor, type TexelRows, text } from "./tensor.js";

/** Adjacent pixels of one channel. */
export const BLOCK = 32;

/** The sizes of an image tensor [N, C, H, W], and of its blocks. */
export interface ImageSizes {
  /** Images. */
  readonly n: number;
  /** Channels. */
  readonly c: number;
  /** Rows. */
  readonly h: number;
  /** Columns. */
  readonly w: number;
  /** Blocks of 32 pixels per row. */
  readonly blocks: number;
  /** Groups of four pixels per row. */
  readonly groups: number;
}

/** The sizes of a tensor of rank 4. */
export function imageSizes(tensor: Tensor): ImageSizes {
  const [n, c, h, w] = tensor.shape;
  return { n, c, h, w, blocks: Math.ceil(w / BLOCK), groups: Math.ceil(w / 4) };
}

/**
 * Returns the elements that a tensor occupies, including padding: a multiple of 4 for image
 * tensors.
 */
export function floatCount(tensor: Tensor): number {
  if (tensor.layout === "dense") return elementCount(tensor.shape);
  const { n, c, h, blocks } = imageSizes(tensor);
  return n * h * blocks * c * BLOCK;
}

/** Returns the bytes that a tensor occupies in a storage buffer: a multiple of 16, at least 16. */
export function byteCount(tensor: Tensor): number {
  const bytes = floatCount(tensor) * (tensor.dtype === "f16" ? 2 : 4);
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}

/** The texture that holds the bytes of a tensor, in texels of four elements. */
export interface TextureSize {
  readonly width: number;
  readonly height: number;
  /** Binary logarithm of the rows of blocks that share one row of texels. */
  readonly fold: number;
  /** 16, or 8 if the tensor is f16. */
  readonly texelBytes: number;
  /** Bytes of all texels: the size of a buffer that is copied into the texture. */
  readonly bytes: number;
}

/** The texels per row of a copy are a multiple of this: 256 bytes at 16 bytes per texel. */
export const ROW_TEXELS = 16;

/** Side of the largest texture that every adapter offers. Images with more rows are folded. */
const MAX_ROWS = 8192;

/**
 * Returns the size of the texture that holds the same bytes as a tensor. An image has row
 * r = (n * H + y) * blocks + x / 32 in the texels [(r mod F) * C * 8, ...) of row r / F, where F = 2^fold. F
 * is 1 if C * 8 texels are a multiple of 256 bytes and there are not too many rows. A dense tensor,
 * [rows, texels, 4] or a weight, has one row per index of its first dimension, or F of them per
 * row, so that the row is a multiple of ROW_TEXELS texels.
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
 * Stacks rows of several tensors vertically in one texture, in this order, laid out as in
 * `textureSize`, for a kernel that reads two tensors of the same type as if they were one. The
 * result can only be bound as a texture.
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

/** A vertical crop of an image in a texture: which of the copied rows belong to it. */
export interface Crop {
  readonly rows: readonly TexelRows[];
  /** Rows of pixels per image that are copied. */
  readonly height: number;
  /** How many of them are above the crop. */
  readonly top: number;
}

/**
 * Returns the rows that hold the centre of an image, `height` pixels high: all rows if a row of
 * texels holds several rows of pixels.
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

/** Converts row-major values to the layout in GPU memory, with padding set to zero. */
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

/** The inverse of `toLayout`: returns row-major values without padding. */
export function fromLayout(tensor: Tensor, memory: Float32Array): Float32Array<ArrayBuffer> {
  if (tensor.dtype === "f16") {
    throw new ShapeError(`${tensor.name} is stored as f16: widen it before reading it`);
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
