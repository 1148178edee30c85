// The memory of a plan by purpose, to help people choose a tile before anything is allocated.

import { byteCount } from "../graph/layout.js";
import { finish } from "../graph/pausable.js";
import { peakOf } from "../graph/place-tensors.js";
import type { Shape, Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Device } from "./device.js";
import type { PlannedDispatch } from "./dispatch-bindings.js";
import { partsOf } from "./dispatch-bindings.js";
import { bindingLimit, planMemory } from "./memory-plan.js";
import type { PlanSpec } from "./plan-spec.js";
import { planDispatches } from "./planned-dispatches.js";

/** Bytes of a plan on the GPU, without states; `total` is the sum of all. */
export interface PlanBytes {
  /** Tensors that the caller writes, and constants. */
  readonly inputs: number;
  /** Uniforms: sizes of the layers. */
  readonly records: number;
  /** Outputs of layers that are kept, at the moment of the highest memory use. */
  readonly activations: number;
  /** Outputs of layers that the backward pass recomputes, at that moment. */
  readonly recomputed: number;
  /** Tensors of the backward pass, at that moment. */
  readonly activationGradients: number;
  /** Working memory of the kernels that run at that moment. */
  readonly scratch: number;
  /** Unused parts of shared buffers at that moment. */
  readonly gaps: number;
  /** Copies of tensors that kernels read as textures. */
  readonly textures: number;
  /** Sum of all of these. */
  readonly total: number;
}

/** What a plan takes, known before anything is allocated. */
export interface PlanSize {
  /** GPU memory in bytes, by purpose. */
  readonly bytes: PlanBytes;
  /** The largest tensor that a kernel binds. */
  readonly largest: { readonly name: string; readonly shape: Shape; readonly bytes: number };
  /**
   * The largest number of bytes that the adapter can bind at once, a limit for the largest tensor.
   */
  readonly bindingLimit: number;
  /** Dispatches of one run. */
  readonly dispatches: number;
  /**
   * Multiply-adds of one run by the direct method (half the number of operations), whichever
   * kernels run.
   */
  readonly multiplyAdds: number;
}

/**
 * Measures what `compilePlan` would allocate on a device, without compiling or allocating. The
 * states of the spec may be left out.
 */
export function measurePlan(device: Device, spec: PlanSpec): PlanSize {
  const { limits } = device.gpu;
  const steps = planDispatches(device, spec);
  const { use, lives, recordBytes } = finish(planMemory(limits, spec, steps));
  const alive = { activations: 0, recomputed: 0, activationGradients: 0, scratch: 0 };
  const { at } = peakOf([...lives.values()]);
  const kindOf = kindsOf(spec);
  for (const [tensor, { from, to, bytes }] of lives) {
    if (from <= at && at <= to) alive[kindOf(tensor)] += bytes;
  }
  const bytes: PlanBytes = {
    inputs: use.fixedBytes - recordBytes,
    records: recordBytes,
    ...alive,
    gaps: use.slotBytes - use.livePeakBytes,
    textures: use.textureBytes,
    total: use.totalBytes,
  };
  const repeated = steps.filter(({ firstRunOnly }) => !firstRunOnly);
  return {
    bytes,
    largest: largestOf(steps),
    bindingLimit: bindingLimit(limits),
    dispatches: repeated.length,
    multiplyAdds: repeated.reduce((sum, { dispatch }) => sum + (dispatch.multiplyAdds ?? 0), 0),
  };
}

/** Tensors that the outputs depend on are activations; the backward pass computes the others. */
function kindsOf({ outputs }: PlanSpec) {
  const forward = new Set<Tensor>(outputs);
  for (const { inputs } of nodesFor(outputs)) for (const tensor of inputs) forward.add(tensor);
  const kindOf = (
    tensor: Tensor,
  ): "activations" | "activationGradients" | "recomputed" | "scratch" => {
    const { node, source } = tensor;
    if (node?.op.isCast) return kindOf(node.inputs[0]);
    if (source?.kind === "scratch") return "scratch";
    if (node?.after) return "recomputed";
    return forward.has(tensor) ? "activations" : "activationGradients";
  };
  return kindOf;
}

function largestOf(steps: readonly PlannedDispatch[]): PlanSize["largest"] {
  const sizes = steps
    .flatMap(({ dispatch }) => dispatch.bindings.flatMap(partsOf))
    .map((tensor) => ({ name: tensor.name, shape: tensor.shape, bytes: byteCount(tensor) }));
  return sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
}
