// Checks a plan's specification before planning, for mistakes that would silently compute something
// else.

import { byteCount } from "../graph/layout.js";
import type { Node } from "../graph/op.js";
import { expectTensor, ShapeError, type Tensor, text } from "../graph/tensor.js";
import { boundBy, type PlannedDispatch, partsOf, writtenBy } from "./dispatch-bindings.js";
import type { PlanSpec } from "./plan-spec.js";
import { nodesOf } from "./planned-dispatches.js";

/** Returns all nodes that the plan runs. Throws for the first mistake. */
export function checkSpec(
  limits: Pick<GPUSupportedLimits, "minStorageBufferOffsetAlignment">,
  spec: PlanSpec,
): Node[] {
  const { name, outputs, updates = [], outputsInto = new Map() } = spec;
  const where = `plan ${name}`;
  for (const [i, tensor] of outputs.entries()) expectTensor(where, `output ${i}`, tensor);
  if (outputs.length + updates.length === 0) {
    throw new Error(`${where} has neither outputs nor updates: it would compute nothing`);
  }
  const { nodes } = nodesOf(spec);
  const computed = new Set(nodes.flatMap((node) => node.outputs));
  for (const [tensor, { state }] of outputsInto) {
    if (computed.has(tensor)) continue;
    throw new Error(
      `${where}: nothing computes ${tensor.name} ${text(tensor.shape)}, which is placed into the state ` +
        `${state}: name it in \`after\` of an update or among the outputs`,
    );
  }
  const stated = new Set(nodes.flatMap(({ inputs }) => inputs).filter(isState));
  const alignment = limits.minStorageBufferOffsetAlignment / 4;
  const check = (tensor: Tensor, state: string, offset: number) => {
    const buffer = spec.states?.[state];
    if (!buffer) throw new Error(`${where}: no buffer for the state ${state}`);
    const what = `${where}: ${tensor.name} ${text(tensor.shape)}`;
    if (!Number.isSafeInteger(offset) || offset < 0 || offset % alignment !== 0) {
      throw new ShapeError(
        `${what} begins at float ${offset} of the state ${state}, but this adapter binds at multiples of ` +
          `${alignment} floats: use multiples of 64, which every adapter binds`,
      );
    }
    const [end, floats] = [offset + byteCount(tensor) / 4, buffer.size / 4];
    if (end > floats) {
      throw new ShapeError(
        `${what} takes the floats ${offset} to ${end - 1} of the state ${state}, whose buffer holds ${floats}`,
      );
    }
  };
  for (const tensor of stated) {
    if (tensor.source?.kind === "state") check(tensor, tensor.source.state, tensor.source.offset);
  }
  for (const [tensor, { state, offset }] of outputsInto) check(tensor, state, offset);
  checkOverlaps(where, outputsInto);
  return nodes;
}

const isState = ({ source }: Tensor) => source?.kind === "state";

/** Throws if two tensors are placed in the same memory: the second would overwrite the first. */
function checkOverlaps(where: string, placed: NonNullable<PlanSpec["outputsInto"]>): void {
  const places = [...placed].map(([tensor, { state, offset }]) => {
    return { tensor, state, offset, end: offset + byteCount(tensor) / 4 };
  });
  places.sort((a, b) => (a.state === b.state ? a.offset - b.offset : a.state < b.state ? -1 : 1));
  for (const [i, { tensor, state, offset }] of places.entries()) {
    const before = places[i - 1];
    if (before?.state !== state || before.end <= offset) continue;
    throw new ShapeError(
      `${where}: ${tensor.name} is placed at float ${offset} of the state ${state}, but ` +
        `${before.tensor.name} takes the floats ${before.offset} to ${before.end - 1}`,
    );
  }
}

/**
 * Throws if an update waits for a tensor that nothing reads or keeps: for example gradients that do
 * not reach the state that the update reads.
 */
export function checkRead(spec: PlanSpec, steps: readonly PlannedDispatch[]): void {
  const { name, outputs, updates = [], outputsInto } = spec;
  const read = new Set<Tensor>();
  for (const { kind, tensor } of steps.flatMap(boundBy)) {
    if (kind !== "read_write") for (const part of partsOf(tensor)) read.add(part);
  }
  for (const node of updates) {
    for (const tensor of node.inputs) {
      const isKept = outputs.includes(tensor) || outputsInto?.has(tensor);
      if (!tensor.node || isKept || read.has(tensor)) continue;
      throw new Error(
        `plan ${name}: ${node.name} waits for ${tensor.name} ${text(tensor.shape)}, which nothing reads: ` +
          "place it into the state of the gradients (`outputsInto`), or leave it out of `after`",
      );
    }
  }
}

/** Returns the buffers of the states that a run changes. */
export function writtenStates(spec: PlanSpec, steps: readonly PlannedDispatch[]): Set<GPUBuffer> {
  const names = new Set([...(spec.outputsInto?.values() ?? [])].map(({ state }) => state));
  for (const { source } of steps.flatMap(writtenBy)) {
    if (source?.kind === "state") names.add(source.state);
  }
  return new Set([...names].flatMap((name) => spec.states?.[name] ?? []));
}
