// Reads Python pickles (docs.python.org/3/library/pickle.html, protocols 2 to 5) without executing anything: it
// builds numbers, texts, lists and dictionaries. A call of a function becomes a record of what was to be called;
// the reader of a format knows a few of them and refuses the others by name.

import { shownText } from "../../arguments/shown.js";
import { PickleBytes } from "./pickle-bytes.js";

/** A name of a module that the pickle mentions: "torch._utils _rebuild_tensor_v2". */
export class PickleName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A call, or an object with its state: nothing is called. */
export interface PickleCall {
  readonly callee: PickleName;
  readonly args: readonly PickleValue[];
  /** What BUILD gave it: the attributes of an object. */
  state?: PickleValue | undefined;
}

/** A persistent id: PyTorch's storages. */
export interface PicklePersistent {
  readonly persistent: PickleValue;
}

/** A value of a pickle. Lists, tuples and sets are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleName
  | PickleCall
  | PicklePersistent;

/** Thrown for bytes that are no pickle, or one that does more than hold values. */
export class DamagedPickle extends Error {}

/** The most values of a pickle, and on its stack or remembered. */
const MOST_VALUES = 500_000;

/**
 * Functions that run programs, open files or ask servers when Python reads a pickle that calls them. Nothing is called
 * here: a file that would is refused as a whole, also where the weights do not need the result.
 */
const RUNS =
  /^((os|posix|nt|sys|subprocess|runpy|pty|socket|shutil|commands|code|codeop|ctypes|webbrowser|pdb|bdb|timeit|cProfile|profile|pip|importlib|multiprocessing|asyncio|marshal|pickle|_pickle|dill|cloudpickle|operator|urllib|http|requests)(\.\S+)? |torch\.(hub|serialization)|torch load$|(builtins|__builtin__) (?!(set|frozenset|bytearray|complex|slice|range|list|dict|tuple|int|float|bool|str|object)$))/;

/** A pickle and the position after it. */
export interface ReadPickle {
  readonly value: PickleValue;
  readonly end: number;
}

const MARK = Symbol("mark");

/** Reads the pickle that begins at `start`. Throws `DamagedPickle`. */
export function readPickle(bytes: Uint8Array, start = 0): ReadPickle {
  const source = new PickleBytes(bytes, start, (what) => new DamagedPickle(what));
  const stack: (PickleValue | typeof MARK)[] = [];
  const memo = new Map<number, PickleValue>();
  let values = 0;
  const push = (value: PickleValue | typeof MARK) => {
    if (++values > MOST_VALUES) {
      throw new DamagedPickle(`it has over ${MOST_VALUES} values, expected weights only`);
    }
    stack.push(value);
  };
  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined || value === MARK) throw new DamagedPickle("a value is missing");
    return value as PickleValue;
  };
  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const toMark = (): PickleValue[] => {
    const at = stack.lastIndexOf(MARK);
    if (at < 0) throw new DamagedPickle("a mark is missing");
    const values = stack.splice(at) as PickleValue[];
    return values.slice(1);
  };
  const text = (value: PickleValue): string => {
    if (typeof value === "string") return value;
    throw new DamagedPickle("a name is no text");
  };
  const setItems = (items: readonly PickleValue[]) => {
    const target = top();
    const map = target instanceof Map ? target : itemsOf(target);
    if (!map || items.length % 2 !== 0) throw new DamagedPickle("items of what is no dictionary");
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  };
  const append = (items: readonly PickleValue[]) => {
    const target = top();
    if (!Array.isArray(target)) throw new DamagedPickle("items of what is no list");
    for (const item of items) target.push(item);
  };
  const call = (args: PickleValue, callee: PickleValue) => {
    if (!(callee instanceof PickleName)) throw new DamagedPickle("it calls what is no name");
    const called = shownText(callee.name.replace(" ", "."));
    if (RUNS.test(callee.name)) {
      throw new DamagedPickle(`in Python it would run ${called}, and nothing is executed here`);
    }
    if (!Array.isArray(args)) throw new DamagedPickle(`it calls ${called} without arguments`);
    // An ordered dictionary is a dictionary.
    if (callee.name === "collections OrderedDict" && args.length === 0) return new Map();
    return { callee, args };
  };
  const remember = (place: number) => memo.set(place, top());
  const recall = (place: number) => {
    const value = memo.get(place);
    if (value === undefined) throw new DamagedPickle(`nothing is remembered as ${place}`);
    push(value);
  };
  const steps: Readonly<Record<number, () => void>> = {
    40: () => push(MARK), // (
    41: () => push([]), // )
    48: () => void pop(), // 0
    49: () => void toMark(), // 1
    50: () => push(top()), // 2
    66: () => push(source.take(source.u32())), // B
    67: () => push(source.take(source.u8())), // C
    71: () => push(source.f64()), // G
    74: () => push(source.i32()), // J
    75: () => push(source.u8()), // K
    77: () => push(source.u16()), // M
    78: () => push(null), // N
    81: () => push({ persistent: pop() }), // Q
    82: () => {
      const args = pop();
      push(call(args, pop())); // R
    },
    85: () => push(source.text(source.u8())), // U
    84: () => push(source.text(source.u32())), // T
    88: () => push(source.text(source.u32())), // X
    93: () => push([]), // ]
    97: () => {
      const item = pop();
      append([item]); // a
    },
    98: () => build(pop(), top()), // b
    99: () => push(new PickleName(`${source.line()} ${source.line()}`)), // c
    100: () => push(mapOf(toMark())), // d
    101: () => append(toMark()), // e
    104: () => recall(source.u8()), // h
    106: () => recall(source.u32()), // j
    108: () => push(toMark()), // l
    113: () => void remember(source.u8()), // q
    114: () => void remember(source.u32()), // r
    115: () => {
      const value = pop();
      setItems([pop(), value]); // s
    },
    116: () => push(toMark()), // t
    117: () => setItems(toMark()), // u
    125: () => push(new Map()), // }
    128: () => void source.u8(), // PROTO
    129: () => {
      const args = pop();
      push(call(args, pop())); // NEWOBJ
    },
    133: () => push([pop()]), // TUPLE1
    134: () => {
      const second = pop();
      push([pop(), second]); // TUPLE2
    },
    135: () => {
      const [third, second] = [pop(), pop()];
      push([pop(), second, third]); // TUPLE3
    },
    136: () => push(true),
    137: () => push(false),
    138: () => push(source.long(source.u8())), // LONG1
    139: () => push(source.long(source.u32())), // LONG4
    140: () => push(source.text(source.u8())), // SHORT_BINUNICODE
    141: () => push(source.text(source.u64())), // BINUNICODE8
    142: () => push(source.take(source.u64())), // BINBYTES8
    143: () => push([]), // EMPTY_SET
    144: () => append(toMark()), // ADDITEMS
    145: () => push(toMark()), // FROZENSET
    147: () => {
      const name = text(pop());
      push(new PickleName(`${text(pop())} ${name}`)); // STACK_GLOBAL
    },
    148: () => void memo.set(memo.size, top()), // MEMOIZE
    149: () => void source.u64(), // FRAME
  };
  for (;;) {
    const opcode = source.u8();
    if (opcode === 46) return { value: pop(), end: source.at };
    const step = steps[opcode];
    if (!step) throw new DamagedPickle(`it has the instruction ${opcode} at byte ${source.at - 1}`);
    step();
  }
}

/** Gives an object its state. A state for a dictionary, such as that of a module's, changes nothing. */
function build(state: PickleValue, target: PickleValue): void {
  if (isCall(target)) target.state = state;
}

/** Whether a value is a call or an object. */
export const isCall = (value: PickleValue | undefined): value is PickleCall =>
  typeof value === "object" && value !== null && "callee" in value;

/** The dictionary that an object of a class with items keeps. */
function itemsOf(value: PickleValue): Map<PickleValue, PickleValue> | undefined {
  if (!isCall(value)) return undefined;
  if (value.state === undefined) value.state = new Map();
  return value.state instanceof Map ? value.state : undefined;
}

function mapOf(items: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  if (items.length % 2 !== 0) throw new DamagedPickle("a key has no value");
  const map = new Map<PickleValue, PickleValue>();
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}
