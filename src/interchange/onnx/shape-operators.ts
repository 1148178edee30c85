// The operators of ONNX that only move elements.

import type { Tensor } from "../../graph/tensor.js";
import * as ops from "../../operations.js";
import { type Call, type Operator, Unsupported } from "./operator-call.js";

/** Axes, sizes and the like are an attribute or, in later opsets, an input. */
const listOf = (call: Call, name: string, input: number) =>
  call.list(name) ?? (call.has(input) ? call.values(input) : undefined);

/** ONNX writes "to the end" as the largest integer. */
const bounded = (value: number) =>
  Math.abs(value) >= 2 ** 31 - 1 ? Math.sign(value) * Infinity : value;

function slice(call: Call): Tensor {
  const [starts = [], ends = []] = [listOf(call, "starts", 1), listOf(call, "ends", 2)];
  const axes = listOf(call, "axes", 3) ?? starts.map((_, axis) => axis);
  const steps = listOf(call, "steps", 4) ?? starts.map(() => 1);
  return ops.slice(call.tensor(0), {
    axes,
    steps,
    starts: starts.map(bounded),
    ends: ends.map(bounded),
  });
}

function pad(call: Call): Tensor {
  const x = call.tensor(0);
  const pads = listOf(call, "pads", 1) ?? [];
  const rank = x.shape.length;
  const sides = x.shape.map((_, axis) => [pads[axis], pads[axis + rank]] as const);
  const mode = call.word("mode", "constant") as ops.PadMode;
  if (call.has(3)) throw new Unsupported("an input of axes");
  // Before version 11 the value was an attribute.
  const value = call.has(2) ? call.values(2)[0] : call.number("value", 0);
  return ops.pad(x, sides, mode === "constant" ? { mode, value } : { mode });
}

function reshape(call: Call): Tensor {
  const x = call.tensor(0);
  const sizes = listOf(call, "shape", 1) ?? [];
  const keepsZeros = call.number("allowzero", 0) === 1;
  if (keepsZeros && sizes.includes(0)) throw new Unsupported("empty tensors");
  const shape = sizes.map((size, axis) => (size === 0 ? x.shape[axis] : size));
  return ops.reshape(x, shape);
}

/** More indices would be as many slices. */
const MOST_GATHERED = 256;

/** Elements of one axis by known indices. */
function gather(call: Call): Tensor {
  const x = call.tensor(0);
  const own = call.number("axis", 0);
  const axis = own < 0 ? own + x.shape.length : own;
  const { dims, values } = call.known(1);
  if (dims.length > 1) throw new Unsupported(`indices of shape [${dims}]`);
  if (values.length > MOST_GATHERED) throw new Unsupported(`${values.length} indices`);
  const at = values.map((index) => {
    const start = index < 0 ? index + x.shape[axis] : index;
    return ops.slice(x, { axes: [axis], starts: [start], ends: [start + 1] });
  });
  return dims.length === 0 ? ops.squeeze(at[0], [axis]) : ops.concat(at, axis);
}

function flatten(call: Call): Tensor {
  const x = call.tensor(0);
  const own = call.number("axis", 1);
  const axis = own < 0 ? own + x.shape.length : own;
  const before = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  return ops.reshape(x, [before, -1]);
}

function split(call: Call): Tensor[] {
  const x = call.tensor(0);
  const sizes = listOf(call, "split", 1) ?? call.outputs;
  return ops.split(x, sizes, call.number("axis", 0));
}

function expand(call: Call): Tensor {
  const x = call.tensor(0);
  const target = call.values(1);
  const rank = Math.max(x.shape.length, target.length);
  const aligned = (sizes: readonly number[]) => [...Array(rank - sizes.length).fill(1), ...sizes];
  const [own, wanted] = [aligned(x.shape), aligned(target)];
  return ops.expand(
    ops.reshape(x, own),
    own.map((size, axis) => Math.max(size, wanted[axis])),
  );
}

export const shapeOperators: Readonly<Record<string, Operator>> = {
  Concat: (call) => {
    const parts = Array.from({ length: call.count }, (_, i) => call.tensor(i));
    return ops.concat(parts, call.number("axis", 1));
  },
  DepthToSpace: (call) =>
    ops.depthToSpace(call.tensor(0), call.number("blocksize", 1), {
      mode: call.word("mode", "DCR") as "DCR",
    }),
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  SpaceToDepth: (call) => ops.spaceToDepth(call.tensor(0), call.number("blocksize", 1)),
  Split: split,
  Squeeze: (call) => ops.squeeze(call.tensor(0), listOf(call, "axes", 1)),
  Tile: (call) => ops.tile(call.tensor(0), call.values(1)),
  Transpose: (call) => {
    const x = call.tensor(0);
    return ops.permute(x, call.list("perm") ?? x.shape.map((_, axis) => x.shape.length - 1 - axis));
  },
  Unsqueeze: (call) => ops.unsqueeze(call.tensor(0), listOf(call, "axes", 1) ?? []),
};
