// Pickles that were made to do harm, as PyTorch's old and new files hold them.

import fc, { type Arbitrary } from "fast-check";
import { bytesOf, type Piece, repeated, u32, u64 } from "./bytes.js";
import { type Attack, attacks, type HostileFile } from "./case.js";
import { zip } from "./zip.js";

const text = (value: string): Piece => ["X", u32(Buffer.byteLength(value)), value];
const global = (module: string, name: string): Piece => ["c", module, "\n", name, "\n"];
const pickle = (...pieces: Piece[]) => bytesOf(0x80, 2, pieces, ".");
/** A state dictionary of one value. */
const state = (value: Piece): Piece => ["}(", text("w"), value, "u"];

const COMMAND = text("echo hacked > hacked.txt");
/** Functions that run what they are given. */
const RUNNERS: readonly Piece[] = [
  global("os", "system"),
  global("posix", "system"),
  global("nt", "system"),
  global("subprocess", "Popen"),
  global("builtins", "eval"),
  global("builtins", "exec"),
  global("__builtin__", "eval"),
  global("runpy", "run_path"),
  global("torch", "load"),
  global("torch.hub", "load"),
  global("importlib", "import_module"),
  global("webbrowser", "open"),
];

/** A tensor of so many numbers, of a storage with four. */
const tensor = (count: number, stride = 1, offset = 0): Piece => [
  global("torch._utils", "_rebuild_tensor_v2"),
  "(",
  "(",
  text("storage"),
  global("torch", "FloatStorage"),
  text("0"),
  text("cpu"),
  "K\x04tQ",
  ["J", u32(offset)],
  ["J", u32(count), 0x85],
  ["J", u32(stride), 0x85],
  0x89,
  global("collections", "OrderedDict"),
  ")R",
  "tR",
];

/** What each runs a command by. */
const CODE: Readonly<Record<string, (runner: Piece) => Piece>> = {
  REDUCE: (runner) => state([runner, "(", COMMAND, "tR"]),
  "REDUCE next to weights": (runner) => [
    "}(",
    text("a"),
    runner,
    "(",
    COMMAND,
    "tR",
    text("w"),
    tensor(4),
    "u",
  ],
  "REDUCE that is thrown away": (runner) => [runner, "(", COMMAND, "tR0", state(tensor(4))],
  "REDUCE as a key": (runner) => ["}", runner, "(", COMMAND, "tR", tensor(4), "s"],
  "REDUCE inside a tensor": (runner) =>
    state([
      global("torch._utils", "_rebuild_tensor_v2"),
      "(",
      runner,
      "(",
      COMMAND,
      "tR",
      "K\0))tR",
    ]),
  NEWOBJ: (runner) => state([runner, "(", COMMAND, "t", 0x81]),
  NEWOBJ_EX: (runner) => state([runner, "(", COMMAND, "t}", 0x92]),
  INST: (runner) => state(["(", COMMAND, "i", (runner as string[]).slice(1) as Piece]),
  OBJ: (runner) => state(["(", runner, COMMAND, "o"]),
  BUILD: (runner) => state([runner, ")R", "}(", text("__setstate__"), runner, "ub"]),
  STACK_GLOBAL: (runner) => {
    const [, module, , name] = runner as readonly string[];
    return state([text(module), text(name), 0x93, "(", COMMAND, "tR"]);
  },
  EXT1: () => state([0x82, 1, "(", COMMAND, "tR"]),
  EXT4: () => state([0x84, u32(7), "(", COMMAND, "tR"]),
  "a whole module": (runner) => [
    global("__main__", "Net"),
    ")",
    0x81,
    "}(",
    text("x"),
    runner,
    "(",
    COMMAND,
    "tRub",
  ],
};

/** Lists of two of the list before: 2^n values in n places. */
const bomb =
  (open: string, close: Piece) =>
  (n: number): Piece => [
    open,
    Array.from(
      { length: Math.min(n, 250) },
      (_, i): Piece => [
        "q",
        i,
        "0",
        close === "u" ? [] : "(",
        close === "u" ? ["}(", text("a"), "h", i, text("b"), "h", i, "u"] : ["h", i, "h", i, close],
      ],
    ),
  ];

const TABLE: Readonly<Record<string, (size: number) => Piece>> = {
  "lists of lists by memory": bomb("]", "l"),
  "dictionaries of dictionaries by memory": (n) => state(bomb("}", "u")(n)),
  "lists of lists as a key": (n) => ["}", bomb("]", "l")(n), tensor(4), "s"],
  "lists of lists as a storage's key": (n) =>
    state([
      global("torch._utils", "_rebuild_tensor_v2"),
      "((",
      text("storage"),
      global("torch", "FloatStorage"),
      bomb("]", "l")(n),
      text("cpu"),
      "K\x04tQK\0K\x04",
      0x85,
      "K\x01",
      0x85,
      "tR",
    ]),
  "dictionaries inside each other": (n) => [
    repeated(50 * n, "}", text("w")),
    "K\x01",
    repeated(50 * n, "s"),
  ],
  "tuples inside each other": (n) => state(["K\x01", repeated(50 * n, 0x85)]),
  "tuples inside each other as a key": (n) => [
    "}",
    "K\x01",
    repeated(50 * n, 0x85),
    tensor(4),
    "s",
  ],
  "a list of itself": () => state(["]q\0h\0a"]),
  "a dictionary of itself": () => ["}q\0", text("state_dict"), "h\0s"],
  "a text of 4 GB": () => state(["X", u32(0xffffffff), "a"]),
  "bytes of 2^63": () => state([0x8e, u64(2n ** 63n), "a"]),
  "an integer of many bytes": (n) => state([0x8b, u32(200 * n), repeated(200 * n, 0x7f)]),
  "an integer of 2 GB": () => state([0x8b, u32(0x7fffffff), "a"]),
  "marks only": (n) => repeated(200 * n, "("),
  "values only": (n) => repeated(300 * n, "N"),
  "a list of many": (n) => state(["](", repeated(100 * n, "N"), "e"]),
  "texts only": (n) => [repeated(50 * n, "U\x02ab"), "R"],
  "a place in memory that is empty": () => state(["j", u32(0xffffffff)]),
  "a tensor larger than its numbers": (n) => state(tensor(5 + n)),
  "a tensor before its numbers": () => state(tensor(4, 1, 0xffffffff)),
  "a tensor of negative steps": () => state(tensor(4, 0xffffffff)),
  "a tensor of 2^31": () => state(tensor(0x7fffffff, 0)),
  "a line without end": (n) => ["c", "a".repeat(n)],
  "a name of many lines": (n) =>
    state([["c", "a\u001b[31m".repeat(n), "\n", "b\r".repeat(n), "\n"], ")R"]),
};

/** The archive of torch.save, with four numbers. */
const archive = (content: Uint8Array) =>
  zip([
    { name: "a/data.pkl", stored: content },
    { name: "a/data/0", stored: new Uint8Array(16) },
  ]);

const MAGIC = bytesOf(0x8a, 10, Buffer.from("6cfc9c46f9206aa85019", "hex"));

/** The file of torch.save before version 1.6, with four numbers. */
const old = (content: Uint8Array) =>
  bytesOf(
    pickle(MAGIC),
    pickle("M", Buffer.from("e903", "hex")),
    pickle("}"),
    content,
    pickle("]", text("0"), "a"),
    u64(4n),
    new Uint8Array(16),
  );

const inBoth = (table: Readonly<Record<string, (size: number) => Piece>>) =>
  Object.fromEntries(
    Object.entries(table).flatMap(([tries, make]): [string, Attack][] => [
      [`${tries} in an archive`, (n) => archive(pickle(make(n)))],
      [`${tries} in an old file`, (n) => old(pickle(make(n)))],
    ]),
  );

/** Each must be refused. */
export const hostilePickles = attacks("pt", 20_000, inBoth(TABLE));

/** Each must be refused, and says what it would have called. */
export const pickledCode: Arbitrary<HostileFile> = fc
  .tuple(fc.constantFrom(...Object.keys(CODE)), fc.constantFrom(...RUNNERS), fc.boolean())
  .map(([tries, runner, isOld]) => {
    const content = pickle(CODE[tries](runner));
    return { tries, name: "net.pt", bytes: isOld ? old(content) : archive(content) };
  });

/** Weights that are right, for a test of these tests. */
export const rightWeights = (isOld: boolean): Uint8Array => {
  const content = pickle(state(tensor(4)));
  return isOld ? old(content) : archive(content);
};
