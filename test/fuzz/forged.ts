// Files whose parts were forged at random: rewired graphs, programs of pickles, lists of zip files, YAML. They are read
// or refused in a sentence; `hostile/` has files that were made for one attack each.

import fc, { type Arbitrary } from "fast-check";
import { type Zippable, zipSync } from "fflate";
import {
  isZippedPackage,
  openPackage,
  openZippedPackage,
} from "../../src/interchange/bioimageio/package-files.js";
import { importOnnx, importPytorch } from "../../src/interchange/index.js";
import {
  type ModelGiven,
  type NodeGiven,
  onnxBytes,
  type TensorGiven,
} from "../interchange/onnx-bytes.js";
import { smallOnnx } from "../interchange/small-onnx.js";
import { type FuzzKind, fuzzKind, outcome } from "./kind.js";

const text = (value: string) => new TextEncoder().encode(value);
const joined = (parts: readonly (Uint8Array | readonly number[])[]) =>
  Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

// ONNX

type OnnxEdit = (model: ModelGiven) => ModelGiven;

const SIZES = [0, -1, 2 ** 31 - 1, 2 ** 32, 2 ** 52, 3];
const names = ["image", "a", "b", "c", "d", "e", "f", "y", "shape", "sizes", "", "__proto__"];
const nodeAt = (model: ModelGiven, at: number, change: (node: NodeGiven) => NodeGiven) => ({
  ...model,
  nodes: model.nodes.map((node, i) => (i === at % model.nodes.length ? change(node) : node)),
});

/** An input from anywhere: of the node itself, or of one that follows. */
const rewired: Arbitrary<OnnxEdit> = fc.tuple(fc.nat(14), fc.nat(2), fc.constantFrom(...names)).map(
  ([at, which, name]) =>
    (model) =>
      nodeAt(model, at, (node) => ({
        ...node,
        inputs: node.inputs.map((one, i) => (i === which % node.inputs.length ? name : one)),
      })),
);
const ring: Arbitrary<OnnxEdit> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom("Identity", "Relu", "Shape", "Dropout"))
  .map(([length, op]) => (model) => {
    const nodes = Array.from({ length }, (_, i): NodeGiven => {
      return { op, inputs: [`ring ${(i + 1) % length}`], outputs: [`ring ${i}`] };
    });
    return { ...model, nodes: [...model.nodes, ...nodes], outputs: ["ring 0"] };
  });
const forgedSizes: Arbitrary<OnnxEdit> = fc
  .tuple(
    fc.constantFrom(...Object.keys(smallOnnx.initializers)),
    fc.array(fc.constantFrom(...SIZES), { maxLength: 5 }),
    fc.constantFrom(undefined, "../../etc/passwd", "/etc/passwd", "weights.bin"),
    fc.constantFrom("0", "-1", "9007199254740993", "1e9", "x"),
  )
  .map(([name, dims, location, offset]) => (model) => {
    const external =
      location === undefined ? {} : { external: { location, offset, length: offset } };
    const changed: TensorGiven = { ...model.initializers[name], dims, ...external };
    return { ...model, initializers: { ...model.initializers, [name]: changed } };
  });
const attributes: Arbitrary<OnnxEdit> = fc
  .tuple(
    fc.nat(14),
    fc.constantFrom("kernel_shape", "pads", "strides", "dilations", "group", "axis", "value"),
    fc.oneof(fc.constantFrom(...SIZES), fc.array(fc.constantFrom(...SIZES), { maxLength: 5 })),
  )
  .map(
    ([at, key, value]) =>
      (model) =>
        nodeAt(model, at, (node) => ({
          ...node,
          attributes: { ...node.attributes, [key]: value },
        })),
  );
/** Values that are known beforehand and become larger from node to node. */
const growing: Arbitrary<OnnxEdit> = fc
  .tuple(
    fc.constantFrom("Concat", "ConstantOfShape", "Expand", "Tile"),
    fc.integer({ min: 1, max: 60 }),
  )
  .map(([op, length]) => (model) => {
    const grown = Array.from({ length }, (_, i): NodeGiven => {
      const inputs = [`grown ${i}`, `grown ${i}`];
      const one = op === "ConstantOfShape" ? inputs.slice(0, 1) : inputs;
      return { op, inputs: one, outputs: [`grown ${i + 1}`], attributes: { axis: 0 } };
    });
    const first: NodeGiven = {
      op: "Constant",
      inputs: [],
      outputs: ["grown 0"],
      attributes: { value: { dims: [4], type: 7, values: [1, 2 ** 31, 64, 64] } },
    };
    const resized = model.nodes.map((node) =>
      node.op === "Resize" ? { ...node, inputs: ["d", "", "", `grown ${length}`] } : node,
    );
    return { ...model, nodes: [first, ...grown, ...resized] };
  });

const onnx: Arbitrary<Uint8Array> = fc
  .array(fc.oneof(rewired, ring, forgedSizes, attributes, growing), { minLength: 1, maxLength: 3 })
  .map((edits) => onnxBytes(edits.reduce((model, edit) => edit(model), smallOnnx)));

// Pickles

const short = (value: string) => [140, value.length, ...text(value)];
const CALLS = [
  "os system",
  "builtins eval",
  "builtins exec",
  "subprocess Popen",
  "torch hub",
  "posix fork",
];
const GROWING = [
  // A dictionary whose two values are what is remembered, remembered in its place.
  [125, ...short("a"), 104, 0, 115, ...short("b"), 104, 0, 115, 113, 0],
  [104, 0, 104, 0, 134, 113, 0],
  [93, 40, 104, 0, 104, 0, 101, 113, 0],
];
const step: Arbitrary<readonly number[]> = fc.oneof(
  fc.constantFrom(...CALLS).map((name) => [99, ...text(`${name.replace(" ", "\n")}\n`)]),
  fc.constantFrom(
    [41],
    [125],
    [93],
    [40],
    [82],
    [129],
    [98],
    [115],
    [97],
    [116],
    [117],
    [101],
    [48],
    [50],
  ),
  fc.constantFrom("id", "state_dict", "a.weight", "").map(short),
  fc.nat(3).map((place) => [104, place]),
  fc.nat(3).map((place) => [113, place]),
  // Forged lengths of texts, bytes, numbers and frames; the codes of extensions.
  fc
    .constantFrom(66, 84, 88, 139, 149, 141, 142)
    .map((code) => [code, 255, 255, 255, 127, 0, 0, 0, 0]),
  fc.constantFrom([130, 1], [131, 1, 0], [132, 1, 0, 0, 0], [105, 97, 10, 98, 10], [80, 97, 10]),
);
const repeated: Arbitrary<readonly number[]> = fc
  .tuple(
    fc.constantFrom(...GROWING, [40], [93], [133], [125, 113, 0]),
    fc.constantFrom(40, 90, 2000, 100_000),
  )
  .map(([steps, times]) => [...Buffer.alloc(steps.length * times, Uint8Array.from(steps))]);
/** A tensor of one number. */
const tensor = [
  ...[99, ...text("torch._utils\n_rebuild_tensor_v2\n"), 40, 40],
  ...[
    ...short("storage"),
    99,
    ...text("torch\nFloatStorage\n"),
    ...short("0"),
    ...short("cpu"),
    75,
    1,
  ],
  ...[116, 81, 75, 0, 75, 1, 133, 75, 1, 133, 137, 125, 116, 82],
];
/** A dictionary that holds itself, twice. */
const own = [125, 113, 0, ...short("a"), 104, 0, 115, ...short("b"), 104, 0, 115];
const pickle: Arbitrary<Uint8Array> = fc
  .tuple(fc.array(fc.oneof(step, step, step, repeated), { maxLength: 30 }), fc.boolean())
  .map(([steps, isOwn]) =>
    joined([[128, 2, 125, 113, 0], ...steps, ...(isOwn ? [own] : []), [46]]),
  );
/** Weights next to a value that is small in the file and grows when it is walked through. */
const weighted: Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(0, 1, 2),
    fc.constantFrom(5, 60, 100, 5000),
    fc.constantFrom("deep", "model"),
  )
  .map(([kind, times, key]) => {
    const grown = [...GROWING[kind], 48];
    const more = Buffer.alloc(grown.length * times, Uint8Array.from(grown));
    const value = [125, 113, 0, 48, ...more, 104, 0];
    return joined([[128, 2, 125, ...short("w"), ...tensor, 115, ...short(key), ...value, 115, 46]]);
  });
const archived: Arbitrary<Uint8Array> = fc
  .oneof(pickle, weighted)
  .map((bytes) =>
    zipSync({ "net/data.pkl": [bytes, { level: 6 }], "net/data/0": new Uint8Array(8) }),
  );

// Zip files

const ZEROS = new Uint8Array(2 ** 24);
const bomb = (files: number) =>
  zipSync(
    Object.fromEntries(
      Array.from({ length: files }, (_, i) => [i === 0 ? "rdf.yaml" : `net/data/${i}`, ZEROS]),
    ),
    { level: 9 },
  );
/** Whole archives, made once. */
const bombs: Readonly<Record<string, () => Uint8Array>> = {
  small: () => bomb(2),
  large: () => bomb(12),
  nested: () => zipSync({ "rdf.yaml": text("a: 1"), "w.zip": bomb(8) }),
  many: () => {
    const files: Zippable = { "rdf.yaml": text("a: 1"), "net/data.pkl": Uint8Array.of(46) };
    for (let i = 0; i < 60_000; i++) files[`net/data/${i}`] = new Uint8Array(0);
    return zipSync(files, { level: 0 });
  },
  outside: () =>
    zipSync({ "../../rdf.yaml": text("a: 1"), "/net/data.pkl": text("."), "C:\\x": text("") }),
};
const made = new Map<string, Uint8Array>();
const archive: Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...Object.keys(bombs)),
    fc.array(fc.tuple(fc.nat(3), fc.constantFrom(0, 1, 2 ** 16, 2 ** 31, 2 ** 32 - 1)), {
      maxLength: 2,
    }),
    fc.boolean(),
  )
  .map(([kind, forged, overlaps]) => {
    const bytes = made.get(kind) ?? bombs[kind]();
    made.set(kind, bytes);
    return withForgedSizes(bytes, forged, overlaps);
  });

/** The list at the end with other sizes, and all entries at the place of the first. */
function withForgedSizes(
  bytes: Uint8Array,
  forged: readonly (readonly [field: number, size: number])[],
  overlaps: boolean,
): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  let first: number | undefined;
  for (let at = copy.length - 22; at >= 0 && first === undefined; at--) {
    if (view.getUint32(at, true) === 0x06054b50) first = view.getUint32(at + 16, true);
  }
  for (let at = first ?? copy.length; at + 46 < copy.length; ) {
    if (view.getUint32(at, true) !== 0x02014b50) break;
    // Sizes: compressed, then whole; the lengths of name and extra field.
    for (const [field, size] of forged) {
      if (field < 2) view.setUint32(at + 20 + 4 * field, size, true);
      else view.setUint16(at + 28 + 2 * (field - 2), size & 0xffff, true);
    }
    if (overlaps) view.setUint32(at + 42, 0, true);
    at +=
      46 +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
  return copy;
}

// Descriptions in YAML

const laughs = (levels: number, open: string, close: string, word: (i: number) => string) =>
  Array.from({ length: levels }, (_, i) => {
    const inside =
      i === 0
        ? "x, x"
        : Array(9)
            .fill(word(i - 1))
            .join(", ");
    return `k${i}: &a${i} ${open}${inside}${close}`;
  }).join("\n");
const yaml: Arbitrary<string> = fc.oneof(
  fc.integer({ min: 2, max: 30 }).map((levels) => laughs(levels, "[", "]", (i) => `*a${i}`)),
  fc
    .tuple(
      fc.constantFrom("[", "{a: ", "- ", "? ", "&a !!map {b: "),
      fc.constantFrom(50, 3000, 40_000),
    )
    .map(([part, times]) => part.repeat(times)),
  fc
    .tuple(
      fc.constantFrom(" ", "a\n", "- a\n", "# a\n", "---\n", '"', "\\", "\t", "*a ", "!"),
      fc.constantFrom(300, 200_000),
    )
    .map(([part, times]) => `type: model\ninputs: ${part.repeat(times)}`),
  fc.constantFrom(
    "a: &a [*a, *a]",
    "<<: &a {<<: *a}",
    "x: !!js/function 'function () { throw 1 }'",
    "x: !!python/object/apply:os.system ['id']",
    "type: model\n__proto__: {inputs: 1}\nconstructor: 3",
    "type: model\nformat_version: 1e400\ninputs: {}\noutputs: -1",
    "%YAML 9.9\n---\na: 1",
  ),
);

/** Memory for what is unpacked before it is refused, in units of 16 bytes. */
const UNPACKED = 2 ** 23;

export const forgedKinds: readonly FuzzKind[] = [
  fuzzKind("forged-onnx", 2, onnx, async (bytes) => {
    await outcome("net.onnx: ", () => importOnnx(bytes, { name: "net.onnx" }));
    return 0;
  }),
  fuzzKind("forged-pickle", 2, fc.oneof(pickle, archived), async (bytes) => {
    const read = await outcome("net.pt: ", () => importPytorch(bytes, { name: "net.pt" }));
    if ("value" in read) throw new Error("it was taken for a network");
    return UNPACKED;
  }),
  fuzzKind("forged-zip", 0.2, archive, async (bytes) => {
    await outcome("net.zip: ", () => isZippedPackage(bytes, "net.zip"));
    await outcome("net.zip: ", () => openZippedPackage(bytes, "net.zip"));
    await outcome("net.pt: ", () => importPytorch(bytes, { name: "net.pt" }));
    return UNPACKED;
  }),
  fuzzKind("forged-yaml", 0.5, yaml, async (description) => {
    const files = {
      has: (name: string) => name === "rdf.yaml",
      read: async () => text(description),
    };
    await outcome("net.zip: ", () => openPackage("net.zip", files));
    return UNPACKED;
  }),
];
