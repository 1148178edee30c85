// The memory of a plan by what it holds: for people who choose a tile, before anything is allocated.

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

/** Bytes of a plan on the GPU, states left out; `total` is the sum of all. */
export interface PlanBytes {
  /** Tensors that the caller writes, and constants. */
  readonly inputs: number;
  /** Sizes of the layers. */
  readonly records: number;
  /** Outputs of layers that are kept, at the moment when the most memory is used. */
  readonly activations: number;
  /** Such outputs that the backward pass makes again, at that moment. */
  readonly recomputed: number;
  /** What the backward pass makes, at that moment. */
  readonly activationGradients: number;
  /** Working memory of the kernels that run at that moment. */
  readonly scratch: number;
  /** What the sharing of buffers leaves unused at that moment. */
  readonly gaps: number;
  /** Copies of tensors that kernels read as textures. */
  readonly textures: number;
  readonly total: number;
}

export interface PlanSize {
  readonly bytes: PlanBytes;
  /** The largest tensor that a kernel binds. */
  readonly largest: { readonly name: string; readonly shape: Shape; readonly bytes: number };
  /** The most bytes that the adapter binds at once: the largest tensor must not be above. */
  readonly bindingLimit: number;
  readonly dispatches: number;
  /** Of one run, by the direct method: twice as many operations, whatever kernels do the work. */
  readonly multiplyAdds: number;
}

/**
 * What `compilePlan` would take on a device: nothing is compiled or allocated. The states of the
 * spec may be left out.
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

/** What the outputs are computed from is an activation; the rest is made by the backward pass. */
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
