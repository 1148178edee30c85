// Values of a graph that are known before it runs: constants, and what is computed from them and from shapes.
// Exporters compute the sizes of reshapes, crops and resizings by such chains of nodes.

import type { Shape } from "../../graph/tensor.js";
import { attributesOf, type Known, Unsupported } from "./operator-call.js";

export type { Known } from "./operator-call.js";

/** More values are no sizes. */
export const MOST_KNOWN = 100_000;

/** What a node that computes known values reads. */
interface Read {
  readonly inputs: readonly (Known | undefined)[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

const list = (values: readonly number[]): Known => ({ dims: [values.length], values });

const first = ({ inputs }: Read): Known => {
  if (inputs[0]) return inputs[0];
  throw new Unsupported("an input that is missing");
};

/** Elementwise, with a scalar or a single value for all. */
const binary =
  (compute: (a: number, b: number) => number) =>
  ({ inputs: [a, b] }: Read): Known => {
    if (!a || !b) throw new Unsupported("an input that is missing");
    const [long, short] = a.values.length >= b.values.length ? [a, b] : [b, a];
    if (short.values.length !== 1 && short.values.length !== long.values.length) {
      throw new Unsupported(`known values of shapes [${a.dims}] and [${b.dims}]`);
    }
    const at = (from: Known, i: number) => from.values[from.values.length === 1 ? 0 : i];
    return { dims: long.dims, values: long.values.map((_, i) => compute(at(a, i), at(b, i))) };
  };

const unary =
  (compute: (a: number) => number) =>
  (read: Read): Known => {
    const { dims, values } = first(read);
    return { dims, values: values.map(compute) };
  };

const same = (read: Read) => first(read);

/** Sizes of known values are short lists: the axis of a longer shape is not followed. */
function flat(known: Known): readonly number[] {
  if (known.dims.length <= 1) return known.values;
  throw new Unsupported(`known values of shape [${known.dims}]`);
}

function gather(read: Read): Known {
  const [from, index] = [flat(first(read)), read.inputs[1]];
  if (!index) throw new Unsupported("an input that is missing");
  const values = index.values.map((i) => from[i < 0 ? i + from.length : i]);
  if (values.includes(undefined as never)) throw new Unsupported("an index past the end");
  return { dims: index.dims, values };
}

function slice(read: Read): Known {
  const { list: listOf } = attributesOf(read.attributes);
  const bounds = (name: string, input: number) => listOf(name) ?? read.inputs[input]?.values;
  const [starts = [], ends = []] = [bounds("starts", 1), bounds("ends", 2)];
  const axes = bounds("axes", 3) ?? starts.map((_, i) => i);
  const steps = bounds("steps", 4);
  return axes.reduce((known, axis, i) => {
    const place = axis < 0 ? axis + known.dims.length : axis;
    return sliceOf(known, place, { start: starts[i], end: ends[i], step: steps?.[i] ?? 1 });
  }, first(read));
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The values at some places of an axis. */
function sliceOf({ dims, values }: Known, axis: number, { start, end, step }: Range): Known {
  const size = dims[axis];
  if (size === undefined || step === 0 || !Number.isFinite(start + end)) {
    throw new Unsupported(`a slice of axis ${axis} of known values of shape [${dims}]`);
  }
  const inside = (place: number, most: number) =>
    Math.min(Math.max(place < 0 ? place + size : place, step < 0 ? -1 : 0), most);
  const [from, to] = [inside(start, step < 0 ? size - 1 : size), inside(end, size)];
  const places: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) places.push(i);
  const after = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const before = dims.slice(0, axis).reduce((a, b) => a * b, 1);
  const result: number[] = [];
  for (let block = 0; block < before; block++) {
    for (const place of places) {
      const first = (block * size + place) * after;
      for (let i = 0; i < after; i++) result.push(values[first + i]);
    }
  }
  return { dims: dims.map((one, i) => (i === axis ? places.length : one)), values: result };
}

function filled({ inputs, attributes }: Read): Known {
  const dims = inputs[0]?.values ?? [];
  const count = dims.reduce((product, size) => product * size, 1);
  const isCount = Number.isSafeInteger(count) && dims.every((size) => size >= 0);
  if (!isCount || count > MOST_KNOWN) throw new Unsupported(`equal values of shape [${dims}]`);
  const { values = [0] } = (attributes.value ?? {}) as Partial<Known>;
  return { dims, values: Array(count).fill(values[0] ?? 0) };
}

/** ONNX's number of the type "int64" and of other integers, to which a cast rounds toward 0. */
const INTEGERS = [2, 3, 4, 5, 6, 7, 12, 13];

const OPERATORS: Readonly<Record<string, (read: Read) => Known>> = {
  Add: binary((a, b) => a + b),
  Cast: (read) => {
    const isInteger = INTEGERS.includes(attributesOf(read.attributes).number("to", 0));
    return isInteger ? unary(Math.trunc)(read) : same(read);
  },
  Ceil: unary(Math.ceil),
  Concat: ({ inputs }) => list(inputs.flatMap((one) => (one ? flat(one) : []))),
  ConstantOfShape: filled,
  Div: binary((a, b) => (Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b)),
  Equal: binary((a, b) => Number(a === b)),
  Floor: unary(Math.floor),
  Gather: gather,
  Identity: same,
  Max: binary(Math.max),
  Min: binary(Math.min),
  Mod: binary((a, b) => a - b * Math.floor(a / b)),
  Mul: binary((a, b) => a * b),
  Neg: unary((a) => -a),
  ReduceProd: (read) => list([first(read).values.reduce((a, b) => a * b, 1)]),
  Reshape: ({ inputs: [a, shape] }) => {
    if (!a || !shape) throw new Unsupported("an input that is missing");
    const rest = shape.values.filter((size) => size !== -1).reduce((x, y) => x * y, 1);
    const dims = shape.values.map((size) => (size === -1 ? a.values.length / rest : size));
    return { dims, values: a.values };
  },
  Slice: slice,
  Sqrt: unary(Math.sqrt),
  Squeeze: (read) => {
    const { values } = first(read);
    return values.length === 1 ? { dims: [], values } : list(values);
  },
  Sub: binary((a, b) => a - b),
  // Of pairs of pads, [n,2], which exporters write: columns after each other.
  Transpose: (read) => {
    const { dims, values } = first(read);
    if (dims.length < 2) return { dims, values };
    if (dims.length > 2) throw new Unsupported(`known values of shape [${dims}]`);
    const [rows, columns] = dims;
    const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
    return { dims: [columns, rows], values: turned };
  },
  Unsqueeze: (read) => list(first(read).values),
  Where: ({ inputs: [condition, a, b] }) => {
    if (!condition || !a || !b) throw new Unsupported("an input that is missing");
    const at = (from: Known, i: number) => from.values[from.values.length === 1 ? 0 : i];
    const values = condition.values.map((is, i) => at(is ? a : b, i));
    return { dims: condition.dims, values };
  },
};

/**
 * Returns the value of a node whose inputs are known, undefined if it is not computed here. Integers of a
 * division are those of ONNX only where both sides are whole numbers.
 */
export function knownResult(
  operator: string,
  inputs: Read["inputs"],
  attributes: Read["attributes"],
): Known | undefined {
  if (!Object.hasOwn(OPERATORS, operator)) return undefined;
  const result = OPERATORS[operator]({ inputs, attributes });
  if (result.values.length <= MOST_KNOWN) return result;
  throw new Unsupported(`${result.values.length} known values`);
}

/** Returns the sizes of a tensor, as the operator Shape does. */
export function knownShape(shape: Shape, attributes: Read["attributes"]): Known {
  const { number } = attributesOf(attributes);
  return list(shape.slice(number("start", 0), number("end", shape.length)));
}
