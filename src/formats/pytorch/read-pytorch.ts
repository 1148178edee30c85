// Weights of PyTorch: files of torch.save (zip files since 1.6, and older ones) and TorchScript archives. Only
// tensors and the containers around them are read; nothing is executed.

import { shownText } from "../../arguments/shown.js";
import { brainFloat, halfFloat } from "../half-float.js";
import { readZip } from "../zip.js";
import {
  DamagedPickle,
  isCall,
  type PickleCall,
  PickleName,
  type PickleValue,
  readPickle,
} from "./read-pickle.js";

/** A tensor of a file. */
export interface PytorchTensor {
  /** Outermost dimension first; empty for a scalar. */
  readonly shape: readonly number[];
  /** "Float", "Half", "Long": PyTorch's name of the type of storage. */
  readonly type: string;
  /** Row-major. Integers of 64 bits are rounded to 53. */
  readonly data: Float32Array | Float64Array;
}

/** The most that a zip file may unpack to. */
const MOST_BYTES = 8 * 2 ** 30;

/** Types of storages: bytes of an element and how one is read. */
const STORAGES: Readonly<
  Record<string, readonly [number, (view: DataView, at: number) => number]>
> = {
  Float: [4, (view, at) => view.getFloat32(at, true)],
  Double: [8, (view, at) => view.getFloat64(at, true)],
  Half: [2, (view, at) => halfFloat(view.getUint16(at, true))],
  BFloat16: [2, (view, at) => brainFloat(view.getUint16(at, true))],
  Long: [8, (view, at) => Number(view.getBigInt64(at, true))],
  Int: [4, (view, at) => view.getInt32(at, true)],
  Short: [2, (view, at) => view.getInt16(at, true)],
  Char: [1, (view, at) => view.getInt8(at)],
  Byte: [1, (view, at) => view.getUint8(at)],
  Bool: [1, (view, at) => view.getUint8(at)],
};

/** Keys under which training scripts save the weights of a network. */
const WRAPPERS = [
  "state_dict",
  "model_state_dict",
  "model_state",
  "network_weights",
  "model",
  "net",
  "weights",
  "params",
];

/** Reads a storage by its key. */
type Storage = (key: string, type: string) => Uint8Array;

/**
 * Reads the weights of a network by name: of a state dictionary, also inside one of the keys under which scripts
 * save it, or of a TorchScript archive. A prefix "module." of all names is left out. Throws one line with
 * `fileName` for other files, and for a pickle that would call anything else, by its name.
 */
export function readPytorch(bytes: Uint8Array, fileName: string): Map<string, PytorchTensor> {
  try {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    const { value, storage, size } = isZip ? fromZip(bytes, fileName) : fromOld(bytes);
    const found: Found = { tensors: new Map(), storage, left: MOST_OFTEN * size, visits: 0 };
    collect(weightsIn(value), "", found, 0);
    if (found.tensors.size === 0) throw new DamagedPickle("it holds no tensors");
    return withoutPrefix(found.tensors, "module.");
  } catch (error) {
    if (!(error instanceof DamagedPickle)) throw error;
    throw new Error(`${fileName}: not weights of PyTorch, or damaged: ${error.message}`);
  }
}

interface Content {
  readonly value: PickleValue;
  readonly storage: Storage;
  /** Bytes of all storages. */
  readonly size: number;
}

/** Tensors may share a storage, as tied weights do: together they take at most so many times its bytes. */
const MOST_OFTEN = 4;
/** More values in dictionaries, each time that one is reached, are no network. */
const MOST_VISITS = 100_000;

/** What was found of a network, and what may still be. */
interface Found {
  readonly tensors: Map<string, PytorchTensor>;
  readonly storage: Storage;
  /** Bytes of storages that tensors may still take. */
  left: number;
  visits: number;
}

function fromZip(bytes: Uint8Array, fileName: string): Content {
  const isWanted = (path: string) => /(^|\/)(data\.pkl|byteorder|data\/\d+)$/.test(path);
  const files = readZip(bytes, fileName, { isWanted, mostBytes: MOST_BYTES });
  const pickle = Object.keys(files).find((path) => /(^|\/)data\.pkl$/.test(path));
  if (pickle === undefined) throw new DamagedPickle("the archive has no data.pkl");
  const folder = pickle.slice(0, -"data.pkl".length);
  const order = files[`${folder}byteorder`];
  if (order && new TextDecoder().decode(order).trim() !== "little") {
    throw new DamagedPickle("its numbers are big-endian");
  }
  const { value } = readPickle(files[pickle]);
  const storage = (key: string) => {
    const found = files[`${folder}data/${key}`];
    if (found) return found;
    throw new DamagedPickle(`the archive has no data/${key}`);
  };
  const size = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  return { value, storage, size };
}

/** The number that begins files of torch.save before 1.6. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/** Four pickles (the magic number, a version, the system, the value), the keys of storages, and their numbers. */
function fromOld(bytes: Uint8Array): Content {
  const magic = readPickle(bytes);
  if (magic.value !== Number(MAGIC)) throw new DamagedPickle("it does not begin like one");
  const version = readPickle(bytes, magic.end);
  const system = readPickle(bytes, version.end);
  const content = readPickle(bytes, system.end);
  const keys = readPickle(bytes, content.end);
  if (!Array.isArray(keys.value)) throw new DamagedPickle("it does not list its storages");
  const types = storageTypes(content.value);
  const places = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = keys.end;
  for (const key of keys.value.map(keyOf)) {
    if (at + 8 > bytes.length) throw new DamagedPickle(`storage ${key} is cut`);
    const count = Number(view.getBigInt64(at, true));
    const size = STORAGES[types.get(key) ?? ""]?.[0];
    if (size === undefined) throw new DamagedPickle(`the type of storage ${key} is unknown`);
    at += 8;
    if (!(count >= 0 && count * size <= bytes.length - at)) {
      throw new DamagedPickle(`storage ${key} has ${count} elements, more than the file`);
    }
    places.set(key, bytes.subarray(at, at + count * size));
    at += count * size;
  }
  const storage = (key: string) => {
    const found = places.get(key);
    if (found) return found;
    throw new DamagedPickle(`it has no storage ${key}`);
  };
  return { value: content.value, storage, size: bytes.length };
}

/** The types of the storages that a value mentions, by key. */
function storageTypes(value: PickleValue): Map<string, string> {
  const types = new Map<string, string>();
  const seen = new Set<PickleValue>();
  const open = [value];
  while (open.length > 0) {
    const one = open.pop() as PickleValue;
    if (typeof one !== "object" || one === null || seen.has(one)) continue;
    seen.add(one);
    if (Array.isArray(one)) for (const item of one) open.push(item);
    else if (one instanceof Map) for (const item of one.values()) open.push(item);
    else if (isCall(one)) open.push([...one.args], one.state ?? null);
    else if ("persistent" in one) {
      const { key, type } = storageOf(one);
      types.set(key, type);
    }
  }
  return types;
}

/**
 * The value inside a checkpoint that holds the weights: an object's state, a dictionary under one of the known keys or
 * under the only key with a dictionary, or one with tensors.
 */
function weightsIn(value: PickleValue, depth = 0): PickleValue {
  if (!(value instanceof Map)) return value;
  if (depth > DEEPEST) throw new DamagedPickle("its dictionaries are too deep");
  const isInside = (one: PickleValue | undefined) => one instanceof Map || isCall(one);
  const isWeights = (one: PickleValue | undefined) => isInside(one) && !isTensor(one ?? null);
  const wrapper = WRAPPERS.find((key) => isWeights(value.get(key)));
  if (wrapper !== undefined) return weightsIn(value.get(wrapper) as PickleValue, depth + 1);
  if ([...value.values()].some(isTensor)) return value;
  const isOther = (key: PickleValue) => /optim|sched|scaler|config|args/i.test(keyOf(key));
  const inside = [...value].filter(([key, one]) => one instanceof Map && !isOther(key));
  if (inside.length === 1) return weightsIn(inside[0][1], depth + 1);
  const keys = [...value.keys()]
    .slice(0, 10)
    .map((key) => shownText(keyOf(key)))
    .join(", ");
  throw new DamagedPickle(
    `it is a dictionary of ${keys || "nothing"}, expected weights by name, or ${WRAPPERS.join(", ")} with them`,
  );
}

const TENSOR = /^torch\._utils _rebuild_(tensor(_v2|_v3)?|parameter(_with_state)?)$/;

const isTensor = (value: PickleValue) => isCall(value) && TENSOR.test(value.callee.name);

/** Calls that only make lists of numbers, in TorchScript archives. */
const LISTS = /^torch\.jit\._pickle (build_\w*list|restore_type_tag)$/;

/** Modules of TorchScript archives: of a file of Python, or of a notebook, which has no name. */
const SCRIPTED = /^__torch__[. ]/;

/** More modules inside each other are no network. */
const DEEPEST = 100;

/** The text of a dictionary's key. Lists of lists, whose text may have no end, are none. */
function keyOf(key: PickleValue): string {
  if (typeof key === "string" || typeof key === "number") return String(key);
  throw new DamagedPickle("a key of a dictionary is neither a text nor a number");
}

/** Adds the tensors of a value under names with dots. Throws for what is no container. */
function collect(value: PickleValue, name: string, found: Found, depth: number): void {
  if (depth > DEEPEST) throw new DamagedPickle(`${shownText(name)} is too deep`);
  if (++found.visits > MOST_VISITS) {
    throw new DamagedPickle(`its dictionaries hold over ${MOST_VISITS} values, expected weights`);
  }
  const inside = (key: PickleValue) => (name === "" ? keyOf(key) : `${name}.${keyOf(key)}`);
  if (value instanceof Map) {
    for (const [key, one] of value) collect(one, inside(key), found, depth + 1);
  } else if (isCall(value)) {
    if (isTensor(value)) found.tensors.set(name, tensorOf(shownText(name), value, found));
    else if (SCRIPTED.test(value.callee.name)) {
      collect(value.state ?? null, name, found, depth + 1);
    } else if (!LISTS.test(value.callee.name)) {
      const what = shownText(value.callee.name.replace(" ", "."));
      throw new DamagedPickle(
        `it calls ${what}, which a Python program defines: nothing is executed. Save the weights only, by torch.save(model.state_dict(), ...)`,
      );
    }
  }
}

/** A tensor from the arguments of PyTorch's functions that rebuild one. */
function tensorOf(name: string, { callee, args }: PickleCall, found: Found): PytorchTensor {
  const [first, offset, shape, strides] = args;
  if (callee.name.includes("parameter")) {
    if (isCall(first) && isTensor(first)) return tensorOf(name, first, found);
    throw new DamagedPickle(`the parameter ${name} has no tensor`);
  }
  const isSizes = (value: PickleValue | undefined): value is number[] =>
    Array.isArray(value) &&
    value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
  const isWhole = typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0;
  if (!isWhole || !isSizes(shape) || !isSizes(strides) || strides.length !== shape.length) {
    throw new DamagedPickle(`the tensor ${name} has no sizes`);
  }
  const { key, type } = storageOf(first);
  const known = Object.hasOwn(STORAGES, type) && STORAGES[type];
  if (!known) throw new DamagedPickle(`the tensor ${name} has elements of ${type}`);
  const [size, read] = known;
  const bytes = found.storage(key, type);
  const count = shape.reduce((product, one) => product * one, 1);
  const last = shape.reduce((sum, one, axis) => sum + (one - 1) * strides[axis], offset);
  if (count > 0 && !((last + 1) * size <= bytes.length && count * size <= bytes.length)) {
    throw new DamagedPickle(
      `the tensor ${name} [${shownText(String(shape.slice(0, 20)))}] is larger than its storage`,
    );
  }
  found.left -= count * size;
  if (found.left < 0) {
    throw new DamagedPickle(`its tensors are over ${MOST_OFTEN} times as large as their numbers`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (_: unknown, i: number) => {
    let [rest, place] = [i, offset];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return read(view, place * size);
  };
  const data =
    type === "Float"
      ? Float32Array.from({ length: count }, at)
      : Float64Array.from({ length: count }, at);
  return { shape, type, data };
}

/** ("storage", type, key, device, elements): a persistent id of PyTorch. */
function storageOf(value: PickleValue | undefined): {
  readonly key: string;
  readonly type: string;
} {
  const id =
    typeof value === "object" && value !== null && "persistent" in value && value.persistent;
  if (!Array.isArray(id) || id[0] !== "storage" || !(id[1] instanceof PickleName)) {
    throw new DamagedPickle("a tensor has no storage");
  }
  return {
    key: keyOf(id[2]),
    type: shownText(id[1].name.replace(/^torch(\.cuda)? /, "").replace(/Storage$/, "")),
  };
}

function withoutPrefix(
  tensors: ReadonlyMap<string, PytorchTensor>,
  prefix: string,
): Map<string, PytorchTensor> {
  const all = [...tensors];
  if (!all.every(([name]) => name.startsWith(prefix))) return new Map(all);
  return new Map(all.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
