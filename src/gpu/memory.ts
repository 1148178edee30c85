// The buffers of a plan: planned slots for intermediates, buffers of their own for inputs,
// constants and what the caller reads; states come from outside.

import { type Lifetime, livePeak, planSlots } from "../graph/memory.js";
import { byteCount, pack } from "../graph/order.js";
import { type Node, type Tensor, text } from "../graph/tensor.js";
import type { Device } from "./device.js";
import type { PlanSpec } from "./plan.js";

/** A plan needs more than the adapter gives. The message has both numbers. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}

/** Bytes of a plan by kind. */
export interface MemoryUse {
  /** Intermediates, in shared slots. */
  readonly slotBytes: number;
  /** The largest sum of intermediates alive at one node: the least that any plan could use. */
  readonly livePeakBytes: number;
  /** Inputs, constants and records. */
  readonly fixedBytes: number;
  readonly totalBytes: number;
}

export interface Memory {
  readonly use: MemoryUse;
  readonly inputs: ReadonlyMap<string, Tensor>;
  binding(tensor: Tensor): GPUBindingResource;
  buffer(tensor: Tensor): GPUBuffer;
  /** A uniform buffer with these contents, released with the rest. */
  uniform(label: string, bytes: Uint8Array<ArrayBuffer>): GPUBuffer;
  close(): void;
}

type Steps = readonly { readonly node: Node; readonly dispatch: { bindings: readonly Tensor[] } }[];

const STORAGE = 0x80 | 0x4 | 0x8; // GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST

/** Gives every tensor of the steps its place. `stepsOfNode` holds the dispatches node by node. */
export function allocate(device: Device, spec: PlanSpec, stepsOfNode: readonly Steps[]): Memory {
  const { gpu } = device;
  const lives = lifetimes(spec, stepsOfNode);
  const fixed = new Set<Tensor>();
  // An output may be an input itself: the gradient of a sum is its seed, and no kernel binds it.
  const bound = stepsOfNode.flat().flatMap(({ dispatch }) => dispatch.bindings);
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
    places.set(tensor, { buffer: slots[plan.slots[i]], offset: 0, size: byteCount(tensor) });
  }
  const inputs = new Map<string, Tensor>();
  let fixedBytes = 0;
  for (const tensor of fixed) {
    const size = byteCount(tensor);
    const buffer = create(tensor.name, size, STORAGE);
    places.set(tensor, { buffer, offset: 0, size });
    fixedBytes += size;
    if (tensor.source?.kind === "constant") {
      gpu.queue.writeBuffer(buffer, 0, pack(tensor, tensor.source.values));
    } else inputs.set(tensor.name, tensor);
  }
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
      totalBytes: plan.totalBytes + fixedBytes,
    },
    inputs,
    binding,
    buffer: (tensor) => binding(tensor).buffer,
    uniform(label, bytes) {
      const buffer = create(label, bytes.byteLength, 0x40 | 0x8); // UNIFORM | COPY_DST
      gpu.queue.writeBuffer(buffer, 0, bytes);
      return buffer;
    },
    close: () => {
      for (const buffer of owned) buffer.destroy();
    },
  };
}

/** From the node that writes a tensor to the last that reads it; outputs live to the end. */
function lifetimes(spec: PlanSpec, stepsOfNode: readonly Steps[]): Map<Tensor, Lifetime> {
  const lives = new Map<Tensor, Lifetime>();
  for (const [at, steps] of stepsOfNode.entries()) {
    for (const { dispatch } of steps) {
      for (const tensor of dispatch.bindings) {
        const isPlanned = tensor.node !== undefined || tensor.source?.kind === "scratch";
        if (!isPlanned || spec.placed?.has(tensor)) continue;
        const from = lives.get(tensor)?.from ?? at;
        lives.set(tensor, { bytes: byteCount(tensor), from, to: at });
      }
    }
  }
  for (const tensor of spec.outputs) {
    const life = lives.get(tensor);
    if (life) lives.set(tensor, { ...life, to: stepsOfNode.length });
  }
  return lives;
}

function statePlace(spec: PlanSpec, tensor: Tensor): GPUBufferBinding | undefined {
  const source = tensor.source?.kind === "state" ? tensor.source : spec.placed?.get(tensor);
  if (!source) return undefined;
  const buffer = spec.states?.[source.state];
  if (!buffer) throw new Error(`plan ${spec.name}: no buffer for the state ${source.state}`);
  return { buffer, offset: source.offset * 4, size: byteCount(tensor) };
}

/** Throws for the first tensor that the adapter cannot bind, before anything is allocated. */
export function checkSizes(limits: GPUSupportedLimits, stepsOfNode: readonly Steps[]): void {
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  for (const { dispatch } of stepsOfNode.flat()) {
    for (const tensor of dispatch.bindings) {
      const bytes = byteCount(tensor);
      if (bytes <= limit) continue;
      throw new MemoryError(
        `tensor ${tensor.name} ${text(tensor.shape)} needs ${bytes} bytes, but this adapter binds at most ${limit}: use a smaller tile, batch or base width`,
      );
    }
  }
}
