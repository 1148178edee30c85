// Allocates the memory of a plan on the GPU: slots for intermediates, separate buffers for inputs
// and constants, textures for copies of tensors (texture-copies.ts). States are passed in. The
// places are planned before (memory-plan.ts).

import { byteCount, toLayout } from "../graph/layout.js";
import type { Tensor } from "../graph/tensor.js";
import type { Device } from "./device.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { PlanSpec } from "./plan-spec.js";
import { createTextures } from "./texture-copies.js";

export interface Memory {
  readonly inputs: ReadonlyMap<string, Tensor>;
  binding(tensor: Tensor): GPUBufferBinding;
  /** Returns the texture that holds the copy of a tensor. */
  texture(tensor: Tensor): GPUTexture;
  /** Creates a uniform buffer with these contents, released with the rest. */
  uniform(label: string, bytes: Uint8Array<ArrayBuffer>): GPUBuffer;
  readonly isClosed: boolean;
  close(): void;
}

const STORAGE = 0x80 | 0x4 | 0x8; // GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST

/** Creates the buffers and textures of a memory plan. */
export function allocate(device: Device, spec: PlanSpec, plan: MemoryPlan): Memory {
  const { gpu } = device;
  const owned: GPUBuffer[] = [];
  const create = (label: string, size: number, usage: number) => {
    const buffer = gpu.createBuffer({ label, size, usage });
    owned.push(buffer);
    return buffer;
  };
  const places = new Map<Tensor, GPUBufferBinding>();
  const slots = plan.slots.slotBytes.map((bytes, i) =>
    create(`${spec.name} slot ${i}`, bytes, STORAGE),
  );
  for (const [i, tensor] of [...plan.lives.keys()].entries()) {
    const offset = plan.slots.offsets[i];
    places.set(tensor, { buffer: slots[plan.slots.slots[i]], offset, size: byteCount(tensor) });
  }
  const inputs = new Map<string, Tensor>();
  for (const [tensor, bytes] of plan.fixed) {
    const buffer = create(tensor.name, bytes, STORAGE);
    places.set(tensor, { buffer, offset: 0, size: byteCount(tensor) });
    if (tensor.source?.kind === "constant") {
      gpu.queue.writeBuffer(buffer, 0, toLayout(tensor, tensor.source.values));
    } else inputs.set(tensor.name, tensor);
  }
  const { textures, ...made } = createTextures(device, spec.name, plan.textures);
  let isClosed = false;
  return {
    inputs,
    binding(tensor) {
      const place = places.get(tensor) ?? statePlace(spec, tensor);
      if (!place) throw new Error(`plan ${spec.name} does not hold the tensor ${tensor.name}`);
      return place;
    },
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
    get isClosed() {
      return isClosed;
    },
    close: () => {
      isClosed = true;
      for (const buffer of owned) buffer.destroy();
      made.close();
    },
  };
}

function statePlace(spec: PlanSpec, tensor: Tensor): GPUBufferBinding | undefined {
  const source = tensor.source?.kind === "state" ? tensor.source : spec.outputsInto?.get(tensor);
  if (!source) return undefined;
  const buffer = spec.states?.[source.state];
  if (!buffer) throw new Error(`plan ${spec.name}: no buffer for the state ${source.state}`);
  return { buffer, offset: source.offset * 4, size: byteCount(tensor) };
}
