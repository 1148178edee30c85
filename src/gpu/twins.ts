// Twins: textures that hold the bytes of tensors. On some adapters (lavapipe) a load from a texture
// costs a quarter of one from a buffer. Kernels write buffers; where a kernel declares a texture,
// the plan copies the tensor's buffer into its twin before the first such kernel of a run.

import { planWholeSlots } from "../graph/memory.js";
import { byteCount, type TextureSize, textureSize } from "../graph/order.js";
import type { Tensor, TexelRows } from "../graph/tensor.js";
import { type Step, writtenBy } from "./steps.js";

/** One tensor that kernels read as a texture. */
export interface Twin extends TextureSize {
  /** Position of the first dispatch that reads the texture, before which the copy stands. */
  readonly from: number;
  /** Position of the last dispatch that reads the texture. */
  readonly to: number;
}

/** The tensors that a step binds as textures. */
export function textureReads({ shader, dispatch }: Step): Tensor[] {
  const storage = shader.bindings.filter(({ kind }) => kind !== "uniform");
  return dispatch.bindings.filter((_, i) => storage[i]?.kind === "texture");
}

/** Rows of a tensor that a twin holds, and where in the twin they begin. */
export interface TwinPart extends TexelRows {
  /** Texels a row. */
  readonly width: number;
  /** The twin's row of the first. */
  readonly top: number;
}

/** What a twin is made of: the parts of a joined tensor, else the tensor itself. */
export function twinParts(tensor: Tensor): TwinPart[] {
  const all = { tensor, first: 0, count: textureSize(tensor).height };
  let top = 0;
  return (tensor.source?.kind === "joined" ? tensor.source.parts : [all]).map((rows) => {
    top += rows.count;
    return { ...rows, width: textureSize(rows.tensor).width, top: top - rows.count };
  });
}

/** The tensors of which a binding needs buffers. */
export function partsOf(tensor: Tensor): readonly Tensor[] {
  const { source } = tensor;
  return source?.kind === "joined" ? source.parts.map((part) => part.tensor) : [tensor];
}

/**
 * Every tensor that is read as a texture, and from when to when its twin must live: always, where
 * the tensor is computed once.
 */
export function findTwins(steps: readonly Step[]): Map<Tensor, Twin> {
  const twins = new Map<Tensor, Twin>();
  const once = steps.filter((step) => step.once);
  const settled = new Set(once.flatMap(writtenBy));
  for (const step of steps) {
    for (const tensor of textureReads(step)) {
      const isSettled = settled.has(tensor);
      const from = isSettled ? once.length - 1 : (twins.get(tensor)?.from ?? step.position);
      const to = isSettled ? steps.length : step.position;
      twins.set(tensor, { ...textureSize(tensor), from, to });
    }
  }
  return twins;
}

/** The tensors whose buffers are copied into twins, and the bytes that a copy reads. */
export function copiedBytes(twins: ReadonlyMap<Tensor, Twin>): Map<Tensor, number> {
  const result = new Map<Tensor, number>();
  for (const { tensor, first, count, width } of [...twins.keys()].flatMap(twinParts)) {
    const bytes = (first + count) * width * 16;
    result.set(tensor, Math.max(bytes, byteCount(tensor), result.get(tensor) ?? 0));
  }
  return result;
}

export interface TwinTextures {
  readonly bytes: number;
  /** The texture of each tensor; a texture serves several tensors, one after the other. */
  readonly textures: ReadonlyMap<Tensor, GPUTexture>;
  close(): void;
}

/** Which twins share a texture. A twin may live in the corner of a larger one. */
export function planTextures(twins: ReadonlyMap<Tensor, Twin>) {
  return planWholeSlots([...twins.values()], (tenants) => {
    const [width, height] = boundsOf(tenants);
    return width * height * 16;
  });
}

/** The texture that holds each of the tenants, in its corner. */
function boundsOf(tenants: readonly Twin[]): [number, number] {
  return [
    Math.max(...tenants.map(({ width }) => width)),
    Math.max(...tenants.map(({ height }) => height)),
  ];
}

/** Creates the textures. */
export function createTextures(
  gpu: GPUDevice,
  name: string,
  twins: ReadonlyMap<Tensor, Twin>,
): TwinTextures {
  const lives = [...twins.values()];
  const plan = planTextures(twins);
  const created = Array.from({ length: plan.slotCount }, (_, slot) => {
    return gpu.createTexture({
      label: `${name} texture ${slot}`,
      size: boundsOf(lives.filter((_, i) => plan.slots[i] === slot)),
      format: "rgba32float",
      usage: 0x8 | 0x2, // GPUTextureUsage.STORAGE_BINDING | COPY_DST
    });
  });
  return {
    bytes: plan.totalBytes,
    textures: new Map([...twins.keys()].map((tensor, i) => [tensor, created[plan.slots[i]]])),
    close() {
      for (const texture of created) texture.destroy();
    },
  };
}
