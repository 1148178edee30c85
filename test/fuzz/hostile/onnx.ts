// ONNX files that were made to do harm.

import { bytesOf, forged, integer, message, type Piece, repeated } from "./bytes.js";
import { type Attack, attacks } from "./case.js";

interface Parts {
  readonly nodes?: Piece;
  readonly initializers?: Piece;
  readonly output?: string;
  readonly channels?: number | bigint;
}

const value = (field: number, name: string, dims: Piece) =>
  message(field, message(1, name), message(2, message(1, integer(1, 1), message(2, dims))));

const size = (value: number | bigint) => message(1, integer(1, value));
const free = (name: string) => message(1, message(2, name));

/** A model of one image "x". */
function model({ nodes = [], initializers = [], output = "y", channels = 1 }: Parts): Uint8Array {
  const image = value(11, "x", [free("N"), size(channels), free("H"), free("W")]);
  const graph = message(7, nodes, initializers, image, value(12, output, []));
  return bytesOf(integer(1, 8), graph, message(8, message(1, ""), integer(2, 17)));
}

const node = (operator: string, inputs: readonly string[], output: string, more: Piece = []) =>
  message(
    1,
    inputs.map((name) => message(1, name)),
    message(2, output),
    message(4, operator),
    more,
  );
const ints = (name: string, values: readonly (number | bigint)[]) =>
  message(
    5,
    message(1, name),
    values.map((one) => integer(8, one)),
    integer(20, 7),
  );
const int = (name: string, value: number | bigint) =>
  message(5, message(1, name), integer(3, value), integer(20, 2));

/** A tensor: 1 float, 7 int64. */
const tensor = (name: string, dims: readonly (number | bigint)[], raw: Uint8Array, type = 1) =>
  message(
    5,
    dims.map((one) => integer(1, one)),
    integer(2, type),
    message(8, name),
    message(9, raw),
  );
const longs = (name: string, ...values: bigint[]) =>
  tensor(name, [values.length], new Uint8Array(BigInt64Array.from(values).buffer), 7);
const weight = tensor("w", [1, 1, 1, 1], new Uint8Array(4));
const conv = (from: string, to: string, more: Piece = []) => node("Conv", [from, "w"], to, more);

const many = (count: number, make: (i: number) => Piece): Piece =>
  Array.from({ length: count }, (_, i) => make(i));

/** A network whose one weight is in another file. */
const external = (location: string, offset = "0", length?: string) => {
  const entry = (key: string, text: string) => message(13, message(1, key), message(2, text));
  const place = [
    location === "" ? [] : entry("location", location),
    entry("offset", offset),
    length === undefined ? [] : entry("length", length),
  ];
  const dims = [1, 1, 1, 1].map((one) => integer(1, one));
  const there = message(5, dims, integer(2, 1), message(8, "w"), place, integer(14, 1));
  return model({ nodes: conv("x", "y"), initializers: there });
};

/** The image, then one node with known values as its second input. */
const withKnown = (operator: string, values: readonly bigint[], more: Piece = []) =>
  model({
    nodes: [conv("x", "a"), node(operator, ["a", "k"], "y", more)],
    initializers: [weight, longs("k", ...values)],
  });

const HUGE = 2n ** 31n;

/** Known values that grow: each node joins what is known with itself. */
const doubling = (count: number, operator: string) => [
  longs("k0", ...Array<bigint>(1000).fill(1n)),
  many(Math.min(count, 5000), (i) =>
    node(operator, [`k${i}`, `k${i}`], `k${i + 1}`, int("axis", 0)),
  ),
];

const TABLE: Readonly<Record<string, Attack>> = {
  "a length of the file's end": (n) => bytesOf(integer(1, 8), forged(7, n * 1e9)),
  "a length of 2^63": () => bytesOf(integer(1, 8), forged(7, 2n ** 63n)),
  "a forged length in a node": (n) => model({ nodes: message(1, forged(1, n * 1e6)) }),
  "a forged length in a tensor": (n) => model({ initializers: message(5, forged(9, n * 1e6)) }),
  "a shape of 2^62 numbers": () =>
    model({
      nodes: conv("x", "y"),
      initializers: tensor("w", [HUGE, HUGE, 1, 1], new Uint8Array(4)),
    }),
  "a shape of 0 times infinity": () =>
    model({
      nodes: conv("x", "y"),
      initializers: tensor("w", [...Array<bigint>(40).fill(HUGE), 0n], new Uint8Array()),
    }),
  "a negative shape": () =>
    model({
      nodes: conv("x", "y"),
      initializers: tensor("w", [-1n, -4n, 1, 1], new Uint8Array(16)),
    }),
  "a shape of many sizes": (n) =>
    model({
      nodes: conv("x", "y"),
      initializers: tensor("w", Array(n).fill(1), new Uint8Array(4)),
    }),
  "numbers that are packed": (n) =>
    model({
      initializers: message(5, integer(1, 1), integer(2, 7), message(7, repeated(20 * n, 1))),
    }),
  "a circle of two": () =>
    model({
      nodes: [node("Add", ["b", "x"], "a"), conv("a", "b"), node("Relu", ["b"], "y")],
      initializers: weight,
    }),
  "a circle of Identity at the end": (n) =>
    model({
      nodes: many(n, (i) => node("Identity", [`i${(i + 1) % n}`], i === 0 ? "y" : `i${i}`)),
      initializers: weight,
    }),
  "a node that reads itself": () =>
    model({ nodes: node("Identity", ["y"], "y"), initializers: weight }),
  "two nodes of one result": () =>
    model({ nodes: [conv("x", "y"), conv("x", "y")], initializers: weight }),
  "a million nodes": (n) =>
    model({ nodes: repeated(1000 * Math.min(n, 1000) + 20_001, message(1)) }),
  "a million tensors": (n) =>
    model({
      initializers: repeated(
        20_001 + 40 * n,
        message(5, integer(2, 1), message(9, new Uint8Array(4))),
      ),
    }),
  "many nodes one after the other, and none fits": (n) =>
    model({
      nodes: [
        many(Math.min(n, 19_000), (i) => node("Relu", [i === 0 ? "x" : `a${i - 1}`], `a${i}`)),
        node("Conv", [`a${Math.min(n, 19_000) - 1}`, "w"], "y"),
      ],
      initializers: tensor("w", [1, 3, 1, 1], new Uint8Array(12)),
    }),
  "many nodes of Identity at the end": (n) =>
    model({
      nodes: many(Math.min(n, 19_000), (i) =>
        node("Identity", [i === 0 ? "x" : `a${i - 1}`], `a${i}`),
      ),
      output: `a${Math.min(n, 19_000) - 1}`,
    }),
  "an input of many names": (n) =>
    model({
      nodes: [
        conv("x", "a"),
        node("Sum", Array<string>(n).fill("a"), "y", int("bad", 1)),
        node("Loop", ["y"], "z"),
      ],
      output: "z",
      initializers: weight,
    }),
  "graphs inside each other": (n) => {
    let inside: Uint8Array = new Uint8Array();
    for (let i = 0; i < Math.min(n, 2000); i++)
      inside = bytesOf(message(1, message(5, message(6, inside))));
    return model({
      nodes: message(
        1,
        message(2, "y"),
        message(4, "If"),
        message(5, message(1, "b"), message(6, inside)),
      ),
      initializers: weight,
    });
  },
  "weights at an absolute path": () => external("/etc/passwd"),
  "weights outside of the folder": (n) => external(`${"../".repeat(Math.min(n, 50))}etc/passwd`),
  "weights outside by detours": () => external("a/../../../etc/passwd"),
  "weights on a server": () => external("http://127.0.0.1:9/w"),
  "weights of a device": () => external("/dev/zero", "0", "4"),
  "weights without a place": () => external(""),
  "weights before the file": () => external("w.bin", "-4"),
  "weights of 2^53 bytes": () => external("w.bin", "0", String(2 ** 53)),
  "weights at no number": () => external("w.bin", "1e9x"),
  "ConstantOfShape of 2^31": () =>
    model({
      nodes: [node("ConstantOfShape", ["k"], "c"), conv("x", "a"), node("Add", ["a", "c"], "y")],
      initializers: [weight, longs("k", HUGE, HUGE)],
    }),
  "ConstantOfShape of -1": () =>
    model({
      nodes: [node("ConstantOfShape", ["k"], "c"), conv("x", "a"), node("Add", ["a", "c"], "y")],
      initializers: [weight, longs("k", -1n, 5n)],
    }),
  "known values that double": (n) => {
    const [first, nodes] = doubling(n, "Concat");
    return model({
      nodes: [nodes, conv("x", "a"), node("Reshape", ["a", `k${Math.min(n, 5000)}`], "y")],
      initializers: [weight, first],
    });
  },
  "known values at many nodes": (n) => {
    const [, nodes] = doubling(n, "Add");
    const first = longs("k0", ...Array<bigint>(90_000).fill(1n));
    return model({
      nodes: [nodes, conv("x", "a"), node("Reshape", ["a", `k${Math.min(n, 5000)}`], "y")],
      initializers: [weight, first],
    });
  },
  "an image reshaped to 2^40": () => withKnown("Reshape", [1n, 1n, 2n ** 20n, 2n ** 20n]),
  "an image repeated 2^31 times": () => withKnown("Tile", [1n, HUGE, 1n, 1n]),
  "an image expanded to 2^40": () => withKnown("Expand", [1n, 1n, 2n ** 20n, 2n ** 20n]),
  "a border of 2^31": () => withKnown("Pad", [0n, 0n, HUGE, HUGE, 0n, 0n, HUGE, HUGE]),
  "a border of -2^31": () => withKnown("Pad", [0n, 0n, -HUGE, -HUGE, 0n, 0n, 0n, 0n]),
  "an axis of 2^31": () => withKnown("Squeeze", [HUGE]),
  "pads of a convolution": () =>
    model({ nodes: conv("x", "y", ints("pads", [HUGE, 0, 0, HUGE])), initializers: weight }),
  "strides of 0": () =>
    model({ nodes: conv("x", "y", ints("strides", [0, 0])), initializers: weight }),
  "a dilation of 2^31": () =>
    model({ nodes: conv("x", "y", ints("dilations", [-1, HUGE])), initializers: weight }),
  "0 groups": () => model({ nodes: conv("x", "y", int("group", 0)), initializers: weight }),
  "2^31 channels": () => model({ nodes: conv("x", "y"), initializers: weight, channels: HUGE }),
  "-1 channels": () => model({ nodes: conv("x", "y"), initializers: weight, channels: -1n }),
  "a name of many lines": (n) =>
    model({
      nodes: node("A\n\u001b[31mB".repeat(n), ["x"], "y\n".repeat(n)),
      output: "y\n".repeat(n),
      initializers: weight,
    }),
  "many outputs": (n) => {
    const outputs = many(n, (i) => message(2, `o\n${i}`));
    return model({
      nodes: message(1, message(1, "x"), outputs, message(4, "Split")),
      initializers: weight,
    });
  },
  "a weight that is no number": () =>
    model({
      nodes: conv("x", "y"),
      initializers: tensor("w", [1, 1, 1, 1], new Uint8Array(4).fill(255)),
    }),
  "a name of the language": () =>
    model({ nodes: node("__proto__", ["constructor"], "y"), initializers: weight }),
};

/** Each must be refused. */
export const hostileOnnx = attacks("onnx", 20_000, TABLE);
