// Plans where each tensor of a plan is stored, and the memory this takes, before anything is
// allocated or compiled.

import type { Dispatch } from "../graph/dispatch.js";
import { byteCount } from "../graph/layout.js";
import type { Pausable } from "../graph/pausable.js";
import { type Lifetime, livePeak } from "../graph/place-tensors.js";
import { planSlots, type SlotPlan } from "../graph/slots.js";
import { type Tensor, text } from "../graph/tensor.js";
import { boundBy, type PlannedDispatch, partsOf } from "./dispatch-bindings.js";
import { MemoryError } from "./errors.js";
import type { PlanSpec } from "./plan-spec.js";
import {
  copiedBytes,
  findTextureCopies,
  planTextures,
  type TextureCopy,
  type TexturePlan,
} from "./texture-copies.js";
import { layRecords } from "./uniforms.js";

/** Bytes of a plan by kind. */
export interface MemoryUse {
  /** Intermediates, in shared slots. */
  readonly slotBytes: number;
  /** The largest sum of intermediates alive at one dispatch: the lower bound for any plan. */
  readonly livePeakBytes: number;
  /** Inputs, constants and uniforms. */
  readonly fixedBytes: number;
  /** Copies of tensors that kernels read as textures. */
  readonly textureBytes: number;
  /** All bytes of the plan on the GPU. */
  readonly totalBytes: number;
}

export interface MemoryPlan {
  readonly use: MemoryUse;
  /** The lifetimes of intermediates and scratch. Slots are in the order of the map. */
  readonly lives: ReadonlyMap<Tensor, Lifetime>;
  readonly slots: SlotPlan;
  readonly textures: TexturePlan;
  /** Inputs and constants, each in a separate buffer of this many bytes. */
  readonly fixed: ReadonlyMap<Tensor, number>;
  readonly recordBytes: number;
}

/** The limits of an adapter that a plan must respect. */
export type MemoryLimits = Pick<
  GPUSupportedLimits,
  "maxStorageBufferBindingSize" | "maxBufferSize" | "minUniformBufferOffsetAlignment"
>;

/** Assigns a place to every tensor of the steps. Throws if two inputs have the same name. */
export function* planMemory(
  limits: MemoryLimits,
  spec: PlanSpec,
  steps: readonly PlannedDispatch[],
): Pausable<MemoryPlan> {
  const copies = findTextureCopies(steps);
  const copied = copiedBytes(copies);
  yield;
  const lives = yield* lifetimes(spec, steps, copies, copied);
  const fixed = fixedTensors(spec, steps, copied);
  yield;
  const slots = yield* planSlots([...lives.values()]);
  const counts = steps.map(({ dispatch }) => Object.keys(dispatch.uniforms ?? {}).length);
  const recordBytes = layRecords(counts, limits.minUniformBufferOffsetAlignment).byteCount;
  const fixedBytes = [...fixed.values()].reduce((sum, bytes) => sum + bytes, recordBytes);
  const textures = yield* planTextures(copies);
  const textureBytes = textures.totalBytes;
  const use = {
    slotBytes: slots.totalBytes,
    livePeakBytes: livePeak([...lives.values()]),
    fixedBytes,
    textureBytes,
    totalBytes: slots.totalBytes + fixedBytes + textureBytes,
  };
  return { use, lives, slots, textures, fixed, recordBytes };
}

function fixedTensors(
  spec: PlanSpec,
  steps: readonly PlannedDispatch[],
  copied: ReadonlyMap<Tensor, number>,
): Map<Tensor, number> {
  const fixed = new Map<Tensor, number>();
  // An output can be an input that no kernel binds: the gradient of a sum is its seed.
  const bound = steps.flatMap(({ dispatch }) => dispatch.bindings.flatMap(partsOf));
  for (const tensor of [...bound, ...spec.outputs]) {
    const kind = tensor.source?.kind;
    if (kind !== "input" && kind !== "constant") continue;
    fixed.set(tensor, copied.get(tensor) ?? byteCount(tensor));
  }
  const names = new Set<string>();
  for (const { source, name } of fixed.keys()) {
    if (source?.kind !== "input") continue;
    if (names.has(name)) throw new Error(`plan ${spec.name}: two inputs have the name ${name}`);
    names.add(name);
  }
  return fixed;
}

/**
 * Returns lifetimes from the dispatch that writes a tensor to the last that reads its buffer,
 * either a kernel or the copy into its texture. Outputs live to the end, and so do buffers that are
 * written once and read in every run.
 */
function* lifetimes(
  spec: PlanSpec,
  steps: readonly PlannedDispatch[],
  copies: ReadonlyMap<Tensor, TextureCopy>,
  copied: ReadonlyMap<Tensor, number>,
): Pausable<Map<Tensor, Lifetime>> {
  const lives = new Map<Tensor, { from: number; to: number; writes: number[]; reads: number[] }>();
  for (const step of steps) {
    yield;
    const { position } = step;
    for (const { kind, tensor: bound } of boundBy(step)) {
      const isCopied = kind === "texture" && position > (copies.get(bound)?.from ?? 0);
      for (const tensor of partsOf(bound)) {
        const isPlanned = tensor.node !== undefined || tensor.source?.kind === "scratch";
        if (!isPlanned || spec.outputsInto?.has(tensor)) continue;
        const life = lives.get(tensor) ?? { from: position, to: position, writes: [], reads: [] };
        lives.set(tensor, life);
        if (isCopied) continue;
        life.to = position;
        if (kind === "read_write") life.writes.push(position);
        else if (kind === "read") life.reads.push(position);
      }
    }
  }
  const end = steps.length;
  const settled = steps.filter(({ firstRunOnly }) => firstRunOnly).length;
  const outputs = new Set(spec.outputs);
  const lastUse = (tensor: Tensor, { from, to }: Pick<Lifetime, "from" | "to">) => {
    if (outputs.has(tensor)) return end;
    if (from >= settled) return to;
    // Tensors computed once are copied after the last of those steps.
    return to < settled ? settled - 1 : end;
  };
  return new Map(
    [...lives].map(([tensor, life]) => {
      const to = lastUse(tensor, life);
      return [tensor, { ...life, to, bytes: copied.get(tensor) ?? byteCount(tensor) }];
    }),
  );
}

/** Returns the size in bytes of the largest buffer that an adapter can create and bind. */
export const bindingLimit = ({
  maxStorageBufferBindingSize,
  maxBufferSize,
}: Pick<MemoryLimits, "maxStorageBufferBindingSize" | "maxBufferSize">) =>
  Math.min(maxStorageBufferBindingSize, maxBufferSize);

function refuse(what: string, bytes: number, limit: string): never {
  throw new MemoryError(
    `${what} needs ${bytes} bytes, but this adapter ${limit}: use a smaller tile, batch or base width`,
    { isForeseen: true },
  );
}

/** Throws for the first tensor that the adapter cannot bind, before anything is allocated. */
export function checkSizes(limits: MemoryLimits, dispatches: readonly Dispatch[]): void {
  const limit = bindingLimit(limits);
  for (const { bindings } of dispatches) {
    for (const tensor of bindings.flatMap(partsOf)) {
      const bytes = byteCount(tensor);
      if (bytes > limit) {
        refuse(`tensor ${tensor.name} ${text(tensor.shape)}`, bytes, `binds at most ${limit}`);
      }
    }
  }
}

/** Throws if the memory of the adapter, where it is known, does not hold a plan. */
export function checkTotal(name: string, { use, lives }: MemoryPlan, memoryBytes = Infinity): void {
  if (use.totalBytes <= memoryBytes) return;
  const largest = [...lives].reduce((a, b) => (b[1].bytes > a[1].bytes ? b : a));
  const what = `plan ${name}, with ${largest[0].name} ${text(largest[0].shape)},`;
  refuse(what, use.totalBytes, `has ${memoryBytes}`);
}
