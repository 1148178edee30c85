// From a graph to the dispatches of a plan: which nodes run, with which kernels, in which order.
// Nothing is compiled or allocated.

import { kindOf } from "../arguments/numbers.js";
import type { Capabilities } from "../graph/capabilities.js";
import { chooseFrom, chosenKernel, offeredKernels } from "../graph/choose-kernel.js";
import { fuseInPieces } from "../graph/fuse.js";
import type { Node } from "../graph/op.js";
import { finish, type Pausable } from "../graph/pausable.js";
import type { Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Device } from "./device.js";
import { boundBy, type PlannedDispatch, partsOf, writtenBy } from "./dispatch-bindings.js";
import { GpuError } from "./errors.js";
import type { PlanSpec } from "./plan-spec.js";

/** The parts of a device that planning needs. */
export type PlanTarget = Pick<Device, "capabilities" | "choices"> & Partial<Pick<Device, "proven">>;

/** Returns what kernels are chosen by in a plan. */
export const capabilitiesFor = (
  { capabilities, proven }: PlanTarget,
  { halfFactors }: Pick<PlanSpec, "halfFactors">,
): Capabilities => (halfFactors ? { ...capabilities, halfFactors: proven } : capabilities);

/** Returns the nodes of a plan in order, before fusion, and the tensors that fusion must keep. */
export function nodesOf({ outputs, updates = [] }: PlanSpec): { nodes: Node[]; kept: Set<Tensor> } {
  const targets = [...outputs, ...updates.flatMap((node) => node.inputs)];
  const others = nodesFor(targets).filter((node) => !updates.includes(node));
  return { nodes: [...others, ...updates], kept: new Set(targets) };
}

/** Returns the dispatches of a run, in order. */
export function planDispatches(target: PlanTarget, spec: PlanSpec): PlannedDispatch[] {
  return finish(planDispatchesInPieces(target, spec));
}

/**
 * The same as `planDispatches`, in pieces, for large graphs. Choices that change meanwhile affect
 * later plans.
 */
export function* planDispatchesInPieces(
  target: PlanTarget,
  spec: PlanSpec,
): Pausable<PlannedDispatch[]> {
  const { nodes, kept } = nodesOf(spec);
  const capabilities = capabilitiesFor(target, spec);
  const choose = spec.choose ?? chooseFrom(target.choices, spec.halfFactors);
  const kernelOf = (node: Node) => chosenKernel(node, capabilities, choose);
  const fused = yield* fuseInPieces(nodes, kept, {
    fusesReluMask(node) {
      // Choose the kernel for the fused layer, since that is the one that will run.
      const masked = { ...node, mask: node.outputs[0] };
      return kernelOf(masked).fusesReluMask ?? false;
    },
    fuseExtraOutput: (node, reader) => kernelOf(node).fuseExtraOutput?.(node, reader, capabilities),
    canRun: (node) => offeredKernels(node, capabilities).length > 0,
  });
  const callsOf = (node: Node) => {
    const kernel = kernelOf(node);
    return kernel.dispatches(node, capabilities).map((dispatch) => {
      if (!Array.isArray(dispatch.shader?.bindings)) {
        throw new GpuError(
          `node ${node.name}: the shader of a dispatch must be made by \`shader(name, wgsl)\`, got ${kindOf(dispatch.shader)}`,
        );
      }
      return { node, kernel: kernel.name, dispatch };
    });
  };
  const tensorsOf = (node: Node) =>
    callsOf(node)
      .flatMap(boundBy)
      .map(({ tensor, isPackable = false }) => {
        return { tensors: partsOf(tensor), isPackable };
      });
  const steps: ReturnType<typeof callsOf> = [];
  for (const node of spec.halfStorage?.(fused, kept, tensorsOf) ?? fused) {
    steps.push(...callsOf(node));
    yield;
  }
  const isConstant = spec.statesAreConstant ? constantSteps(spec, steps) : () => false;
  const once = steps.filter(isConstant).map((step) => ({ ...step, firstRunOnly: true }));
  const each = steps
    .filter((step) => !isConstant(step))
    .map((step) => ({ ...step, firstRunOnly: false }));
  return [...once, ...each].map((step, position) => ({ ...step, position }));
}

type Call = Pick<PlannedDispatch, "dispatch">;

/** Returns whether a step reads only states, constants and the outputs of such steps. */
function constantSteps(spec: PlanSpec, steps: readonly Call[]): (step: Call) => boolean {
  const settled = new Set<Tensor>();
  const found = new Set<Call>();
  const isFixed = (tensor: Tensor) =>
    settled.has(tensor) || tensor.source?.kind === "state" || tensor.source?.kind === "constant";
  for (const step of steps) {
    const written = writtenBy(step);
    const others = step.dispatch.bindings.filter((tensor) => !written.includes(tensor));
    if (!others.every(isFixed) || written.some((tensor) => spec.outputsInto?.has(tensor))) continue;
    if (written.some(({ source }) => source?.kind === "state")) continue;
    for (const tensor of written) settled.add(tensor);
    found.add(step);
  }
  return (step) => found.has(step);
}
