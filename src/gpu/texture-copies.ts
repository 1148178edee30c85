// Textures that hold copies of tensors. On some adapters (lavapipe) a load from a texture takes a
// quarter of the time of a load from a buffer. Kernels write buffers; if a kernel declares a
// texture, the plan copies the tensor's buffer into a texture before the first such kernel of a
// run.

import { byteCount, type TextureSize, textureSize } from "../graph/layout.js";
import type { Pausable } from "../graph/pausable.js";
import type { Tensor, TexelRows } from "../graph/tensor.js";
import { planWholeSlots } from "../graph/whole-slots.js";
import type { Device } from "./device.js";
import { type PlannedDispatch, textureReads, writtenBy } from "./dispatch-bindings.js";

/** A tensor that kernels read as a texture. */
export interface TextureCopy extends TextureSize {
  /** Position of the first dispatch that reads the texture; the copy is made before it. */
  readonly from: number;
  /** Position of the last dispatch that reads the texture. */
  readonly to: number;
}

/** Rows of a tensor that are copied, and where they begin in the copy. */
export interface CopiedRows extends TexelRows {
  /** Texels per row. */
  readonly width: number;
  readonly texelBytes: number;
  /** The row of the copy where they begin. */
  readonly top: number;
}

/**
 * Bytes per texel of a texture: one texel of a tensor, or two if they are joined (wide-vectors.ts).
 */
export const formatBytes = (format: GPUTextureFormat) => (format === "rgba16float" ? 8 : 16);

/** Returns the rows to copy: the parts of a stacked tensor, else the tensor itself. */
export function copiedRows(tensor: Tensor): CopiedRows[] {
  const all = { tensor, first: 0, count: textureSize(tensor).height };
  let top = 0;
  return (tensor.source?.kind === "joined" ? tensor.source.parts : [all]).map((rows) => {
    top += rows.count;
    const { width, texelBytes } = textureSize(rows.tensor);
    return { ...rows, width, texelBytes, top: top - rows.count };
  });
}

/**
 * Returns every tensor that is read as a texture with the lifetime of its copy: the whole run if
 * the tensor is computed once.
 */
export function findTextureCopies(steps: readonly PlannedDispatch[]): Map<Tensor, TextureCopy> {
  const copies = new Map<Tensor, TextureCopy>();
  const once = steps.filter((step) => step.firstRunOnly);
  const settled = new Set(once.flatMap(writtenBy));
  for (const step of steps) {
    for (const tensor of textureReads(step)) {
      const isSettled = settled.has(tensor);
      const from = isSettled ? once.length - 1 : (copies.get(tensor)?.from ?? step.position);
      const to = isSettled ? steps.length : step.position;
      copies.set(tensor, { ...textureSize(tensor), from, to });
    }
  }
  return copies;
}

/**
 * Returns the tensors whose buffers are copied into textures, with the bytes that each copy reads.
 */
export function copiedBytes(copies: ReadonlyMap<Tensor, TextureCopy>): Map<Tensor, number> {
  const result = new Map<Tensor, number>();
  for (const part of [...copies.keys()].flatMap(copiedRows)) {
    const { tensor, first, count, width, texelBytes } = part;
    const bytes = (first + count) * width * texelBytes;
    result.set(tensor, Math.max(bytes, byteCount(tensor), result.get(tensor) ?? 0));
  }
  return result;
}

export interface CopyTextures {
  readonly bytes: number;
  /** The texture of each tensor. Tensors can share a texture, one after the other. */
  readonly textures: ReadonlyMap<Tensor, GPUTexture>;
  close(): void;
}

/**
 * Plans which copies share a texture: those whose texels have the same size. A copy may occupy a
 * corner of a larger texture.
 */
export function* planTextures(copies: ReadonlyMap<Tensor, TextureCopy>): Pausable<TexturePlan> {
  const created: PlannedTexture[] = [];
  const slots = new Map<Tensor, number>();
  for (const texelBytes of [16, 8] as const) {
    const entries = [...copies].filter(([, copy]) => copy.texelBytes === texelBytes);
    const bytesOf = ([width, height]: Size) => width * height * texelBytes;
    const lives = entries.map(([, copy]) => copy);
    const plan = yield* planWholeSlots<TextureCopy, Size>(lives, {
      join: joinSizes,
      bytes: bytesOf,
    });
    const first = created.length;
    for (const [i, [tensor]] of entries.entries()) slots.set(tensor, first + plan.slots[i]);
    for (const size of plan.sizes) created.push({ texelBytes, size, bytes: bytesOf(size) });
  }
  return { created, slots, totalBytes: created.reduce((sum, { bytes }) => sum + bytes, 0) };
}

type Size = readonly [width: number, height: number];

/**
 * Returns the size of a texture that can hold a copy and those of another texture, each in its
 * corner.
 */
function joinSizes({ width, height }: TextureSize, [w, h]: Size = [0, 0]): Size {
  return [Math.max(width, w), Math.max(height, h)];
}

interface PlannedTexture {
  readonly texelBytes: 8 | 16;
  readonly size: Size;
  readonly bytes: number;
}

export interface TexturePlan {
  readonly created: readonly PlannedTexture[];
  /** The index of each tensor's texture. */
  readonly slots: ReadonlyMap<Tensor, number>;
  readonly totalBytes: number;
}

/** Creates the textures. */
export function createTextures(
  { gpu, pipelines }: Pick<Device, "gpu" | "pipelines">,
  name: string,
  { created: planned, slots, totalBytes }: TexturePlan,
): CopyTextures {
  const created = planned.map(({ texelBytes, size: [width, height] }, slot) => {
    const format = pipelines.texelFormat(texelBytes === 8);
    return gpu.createTexture({
      label: `${name} texture ${slot}`,
      size: [(width * texelBytes) / formatBytes(format), height],
      format,
      usage: 0x8 | 0x2, // GPUTextureUsage.STORAGE_BINDING | COPY_DST
    });
  });
  return {
    bytes: totalBytes,
    textures: new Map([...slots].map(([tensor, slot]) => [tensor, created[slot]])),
    close() {
      for (const texture of created) texture.destroy();
    },
  };
}
