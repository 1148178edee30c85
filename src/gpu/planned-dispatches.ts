// From a graph to the dispatches of a plan: which nodes run, by which kernels, in which order.
// Nothing is compiled and nothing allocated here.

import { chooseFrom, kernelsOf } from "../graph/choose-kernel.js";
import type { Dispatch } from "../graph/dispatch.js";
import { fuseInPieces } from "../graph/fuse.js";
import { finish, type Pausable } from "../graph/pausable.js";
import type { Node, Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import { type Device, GpuError } from "./device.js";
import type { PlanSpec } from "./plan.js";
import { bindingsOf, type ShaderBinding } from "./shaders.js";
import { partsOf } from "./texture-copies.js";

/** One dispatch of a plan. */
export interface PlannedDispatch {
  readonly node: Node;
  /** Name of the node's kernel among those that its op offers. */
  readonly kernel: string;
  /** Whether it is computed in the first run only: such steps come first. */
  readonly firstRunOnly: boolean;
  /** Position of the dispatch in the plan. */
  readonly position: number;
  readonly dispatch: Dispatch;
  /** What its shader binds. */
  readonly bindings: readonly ShaderBinding[];
}

/** What planning asks of a device. */
export type PlanTarget = Pick<Device, "capabilities" | "choices">;

/** The nodes of a plan in order, before fusion, and the tensors that fusion must leave. */
export function nodesOf({ outputs, updates = [] }: PlanSpec): { nodes: Node[]; kept: Set<Tensor> } {
  const targets = [...outputs, ...updates.flatMap((node) => node.inputs)];
  const others = nodesFor(targets).filter((node) => !updates.includes(node));
  return { nodes: [...others, ...updates], kept: new Set(targets) };
}

/** The dispatches of a run, in order. */
export function planDispatches(target: PlanTarget, spec: PlanSpec): PlannedDispatch[] {
  return finish(planDispatchesInPieces(target, spec));
}

/** The same, for a large graph. What the target chooses meanwhile is for later plans. */
export function* planDispatchesInPieces(
  target: PlanTarget,
  spec: PlanSpec,
): Pausable<PlannedDispatch[]> {
  const { nodes, kept } = nodesOf(spec);
  const { capabilities } = target;
  const choose = spec.choose ?? chooseFrom(target.choices);
  const kernelOf = (node: Node) => choose(node, kernelsOf(node, capabilities));
  const fused = yield* fuseInPieces(nodes, kept, {
    fusesReluMask(node) {
      // Asked as the layer that it would become: that is the one whose kernel then runs.
      const masked = { ...node, mask: node.outputs[0] };
      return node.op.fusesReluMask?.(node, capabilities, kernelOf(masked)) ?? false;
    },
    fuseExtraOutput: (node, reader) =>
      node.op.fuseExtraOutput?.(node, reader, capabilities, kernelOf(node)),
  });
  const callsOf = (node: Node) => {
    const kernel = kernelOf(node);
    const dispatches = node.op.dispatches(node, capabilities, kernel);
    return dispatches.map((dispatch) => {
      try {
        return { node, kernel, dispatch, bindings: bindingsOf(dispatch.shader) };
      } catch (error) {
        throw new GpuError(`node ${node.name}: ${(error as Error).message}`);
      }
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
  const isSettled = spec.statesAreConstant ? settledSteps(spec, steps) : () => false;
  const once = steps.filter(isSettled).map((step) => ({ ...step, firstRunOnly: true }));
  const each = steps
    .filter((step) => !isSettled(step))
    .map((step) => ({ ...step, firstRunOnly: false }));
  return [...once, ...each].map((step, position) => ({ ...step, position }));
}

type Call = Pick<PlannedDispatch, "dispatch" | "bindings">;

/** Which steps read nothing but states, constants and what such steps wrote. */
function settledSteps(spec: PlanSpec, steps: readonly Call[]): (step: Call) => boolean {
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

/** What a step binds except its uniforms. */
export function boundBy({ bindings, dispatch }: Call): (ShaderBinding & { tensor: Tensor })[] {
  const storage = bindings.filter(({ kind }) => kind !== "uniform");
  return dispatch.bindings.map((tensor, i) => ({ ...storage[i], tensor }));
}

/** The tensors that a step writes. */
export function writtenBy(step: Call): Tensor[] {
  return boundBy(step).flatMap(({ kind, tensor }) => (kind === "read_write" ? tensor : []));
}

/** The bindings of a step at which packed tensors stand as textures. */
export function f16Bindings(step: Call): number[] {
  return boundBy(step).flatMap(({ kind, tensor, binding }) =>
    kind === "texture" && tensor.dtype === "f16" ? binding : [],
  );
}
