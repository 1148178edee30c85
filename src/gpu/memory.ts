// The memory of a plan: planned slots for intermediates, buffers of their own for inputs and
// constants, planned textures for twins (twins.ts); states come from outside.

import type { Dispatch } from "../graph/dispatch.js";
import { type Lifetime, livePeak, planSlots } from "../graph/memory.js";
import { byteCount, pack } from "../graph/order.js";
import { type Tensor, text } from "../graph/tensor.js";
import type { Step } from "./commands.js";
import type { Device } from "./device.js";
import type { PlanSpec } from "./plan.js";
import { copiedBytes, createTextures, findTwins, type Twin } from "./twins.js";

/** A plan needs more than the adapter gives. The message has both numbers. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}

/** Bytes of a plan by kind. */
export interface MemoryUse {
  /** Intermediates, in shared slots. */
  readonly slotBytes: number;
  /** The largest sum of intermediates alive at one dispatch: the least that any plan could use. */
  readonly livePeakBytes: number;
  /** Inputs, constants and records. */
  readonly fixedBytes: number;
  /** Twins of tensors that kernels read as textures. */
  readonly textureBytes: number;
  readonly totalBytes: number;
}

export interface Memory {
  readonly use: MemoryUse;
  readonly inputs: ReadonlyMap<string, Tensor>;
  binding(tensor: Tensor): GPUBufferBinding;
  /** The twin of a tensor that a kernel reads as a texture. */
  texture(tensor: Tensor): GPUTexture;
  /** A uniform buffer with these contents, released with the rest. */
  uniform(label: string, bytes: Uint8Array<ArrayBuffer>): GPUBuffer;
  close(): void;
}

const STORAGE = 0x80 | 0x4 | 0x8; // GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST

/** Gives every tensor of the steps its place. */
export function allocate(device: Device, spec: PlanSpec, steps: readonly Step[]): Memory {
  const { gpu } = device;
  const twins = findTwins(steps);
  const copied = copiedBytes(twins);
  const lives = lifetimes(spec, steps, twins, copied);
  const fixed = new Set<Tensor>();
  // An output may be an input itself: the gradient of a sum is its seed, and no kernel binds it.
  const bound = steps.flatMap(({ dispatch }) => dispatch.bindings).flatMap(partsOf);
  for (const tensor of [...bound, ...spec.outputs]) {
    const kind = tensor.source?.kind;
    if (kind === "input" || kind === "constant") fixed.add(tensor);
  }
  const names = new Set<string>();
  for (const { source, name } of fixed) {
    if (source?.kind !== "input") continue;
    if (names.has(name)) throw new Error(`plan ${spec.name}: two inputs have the name ${name}`);
    names.add(name);
  }
  const planned = [...lives.keys()];
  const plan = planSlots([...lives.values()]);

  const owned: GPUBuffer[] = [];
  const create = (label: string, size: number, usage: number) => {
    const buffer = gpu.createBuffer({ label, size, usage });
    owned.push(buffer);
    return buffer;
  };
  const places = new Map<Tensor, GPUBufferBinding>();
  const slots = plan.slotBytes.map((bytes, i) => create(`${spec.name} slot ${i}`, bytes, STORAGE));
  for (const [i, tensor] of planned.entries()) {
    const offset = plan.offsets[i];
    places.set(tensor, { buffer: slots[plan.slots[i]], offset, size: byteCount(tensor) });
  }
  const inputs = new Map<string, Tensor>();
  let fixedBytes = 0;
  for (const tensor of fixed) {
    const size = byteCount(tensor);
    const buffer = create(tensor.name, copied.get(tensor) ?? size, STORAGE);
    places.set(tensor, { buffer, offset: 0, size });
    fixedBytes += buffer.size;
    if (tensor.source?.kind === "constant") {
      gpu.queue.writeBuffer(buffer, 0, pack(tensor, tensor.source.values));
    } else inputs.set(tensor.name, tensor);
  }
  const { textures, bytes: textureBytes, ...made } = createTextures(gpu, spec.name, twins);
  const binding = (tensor: Tensor): GPUBufferBinding => {
    const place = places.get(tensor) ?? statePlace(spec, tensor);
    if (!place) throw new Error(`plan ${spec.name} does not hold the tensor ${tensor.name}`);
    return place;
  };
  return {
    use: {
      slotBytes: plan.totalBytes,
      livePeakBytes: livePeak([...lives.values()]),
      fixedBytes,
      textureBytes,
      totalBytes: plan.totalBytes + fixedBytes + textureBytes,
    },
    inputs,
    binding,
    texture(tensor) {
      const texture = textures.get(tensor);
      if (!texture) throw new Error(`plan ${spec.name} holds no texture of ${tensor.name}`);
      return texture;
    },
    uniform(label, bytes) {
      const buffer = create(label, bytes.byteLength, 0x40 | 0x8); // UNIFORM | COPY_DST
      gpu.queue.writeBuffer(buffer, 0, bytes);
      return buffer;
    },
    close: () => {
      for (const buffer of owned) buffer.destroy();
      made.close();
    },
  };
}

/**
 * From the dispatch that writes a tensor to the last that reads its buffer, be it a kernel or the
 * copy into its twin; outputs live to the end.
 */
function lifetimes(
  spec: PlanSpec,
  steps: readonly Step[],
  twins: ReadonlyMap<Tensor, Twin>,
  copied: ReadonlyMap<Tensor, number>,
): Map<Tensor, Lifetime> {
  const lives = new Map<Tensor, { from: number; to: number; writes: number[]; reads: number[] }>();
  for (const { position, dispatch, pipeline } of steps) {
    const storage = pipeline.shader.bindings.filter(({ kind }) => kind !== "uniform");
    for (const [i, bound] of dispatch.bindings.entries()) {
      for (const tensor of partsOf(bound)) {
        const isPlanned = tensor.node !== undefined || tensor.source?.kind === "scratch";
        if (!isPlanned || spec.placed?.has(tensor)) continue;
        const life = lives.get(tensor) ?? { from: position, to: position, writes: [], reads: [] };
        lives.set(tensor, life);
        const { kind } = storage[i];
        if (kind === "texture" && position > (twins.get(bound)?.from ?? 0)) continue;
        life.to = Math.max(life.to, position);
        if (kind === "read_write") life.writes.push(position);
        else if (kind === "read") life.reads.push(position);
      }
    }
  }
  const end = steps.length;
  return new Map(
    [...lives].map(([tensor, life]) => {
      const to = spec.outputs.includes(tensor) ? end : life.to;
      return [tensor, { ...life, to, bytes: copied.get(tensor) ?? byteCount(tensor) }];
    }),
  );
}

/** The tensors that a binding needs buffers of. */
const partsOf = (tensor: Tensor) =>
  tensor.source?.kind === "joined" ? tensor.source.parts : [tensor];

function statePlace(spec: PlanSpec, tensor: Tensor): GPUBufferBinding | undefined {
  const source = tensor.source?.kind === "state" ? tensor.source : spec.placed?.get(tensor);
  if (!source) return undefined;
  const buffer = spec.states?.[source.state];
  if (!buffer) throw new Error(`plan ${spec.name}: no buffer for the state ${source.state}`);
  return { buffer, offset: source.offset * 4, size: byteCount(tensor) };
}

/** Throws for the first tensor that the adapter cannot bind, before anything is allocated. */
export function checkSizes(limits: GPUSupportedLimits, dispatches: readonly Dispatch[]): void {
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  for (const { bindings } of dispatches) {
    for (const tensor of bindings.flatMap(partsOf)) {
      const bytes = byteCount(tensor);
      if (bytes <= limit) continue;
      throw new MemoryError(
        `tensor ${tensor.name} ${text(tensor.shape)} needs ${bytes} bytes, but this adapter binds at most ${limit}: use a smaller tile, batch or base width`,
      );
    }
  }
}
