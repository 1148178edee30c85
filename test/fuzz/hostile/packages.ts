// Packages of the zoo whose descriptions were made to do harm.

import { onnxBytes } from "../../interchange/onnx-bytes.js";
import { smallOnnx } from "../../interchange/small-onnx.js";
import { type Attack, attacks } from "./case.js";
import { zip } from "./zip.js";

/** A package with a right network and this description. */
const pack = (text: string) =>
  zip([
    { name: "rdf.yaml", stored: Buffer.from(text) },
    { name: "net.onnx", stored: onnxBytes(smallOnnx) },
  ]);

const axes = "[{type: batch}, {type: channel}, {type: space, id: y}, {type: space, id: x}]";
/** A right description; `fields` replaces some. */
const described = (fields: Readonly<Record<string, string>> = {}) => {
  const all = {
    format_version: "0.5.3",
    type: "model",
    name: "Cells",
    inputs: `[{id: raw, axes: ${axes}, test_tensor: {source: in.npy}}]`,
    outputs: `[{id: out, axes: ${axes}, test_tensor: {source: out.npy}}]`,
    weights: "{onnx: {source: net.onnx}}",
    ...fields,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
};
const weights = (source: string) => pack(described({ weights: `{onnx: {source: ${source}}}` }));
const steps = (list: string) =>
  pack(
    described({
      inputs: `[{id: raw, axes: ${axes}, test_tensor: {source: in.npy}, preprocessing: ${list}}]`,
    }),
  );

/** Aliases of lists of aliases: 10^n values in few lines. */
const laughs = (count: number) => {
  const lines = Array.from({ length: Math.min(count, 50) }, (_, i) => {
    const before = Array(10).fill(i === 0 ? "lol" : `*a${i - 1}`);
    return `a${i}: &a${i} [${before}]\n`;
  });
  return `${lines.join("")}${described({ weights: `*a${lines.length - 1}` })}`;
};

const TABLE: Readonly<Record<string, Attack>> = {
  "aliases of aliases": (n) => pack(laughs(n)),
  "an alias of itself": () => pack(described({ inputs: "&a [*a]", weights: "&b {onnx: *b}" })),
  "a description of itself": () => pack("&a\nformat_version: *a\ntype: *a\n"),
  "an alias of nothing": () => pack(described({ name: "*none" })),
  "lists inside each other": (n) =>
    pack(described({ weights: `${"[".repeat(n)}${"]".repeat(n)}` })),
  "lines inside each other": (n) =>
    pack(Array.from({ length: Math.min(n, 1500) }, (_, i) => `${" ".repeat(i)}a:\n`).join("")),
  "a description of many lines": (n) =>
    pack(
      `${Array.from({ length: 30_000 + 30 * n }, (_, i) => `k${i}: v\n`).join("")}${described()}`,
    ),
  "a description of one long text": (n) =>
    pack(described({ name: "a".repeat(200 * n), weights: "{}" })),
  "code of Python": () => pack(described({ inputs: '!!python/object/apply:os.system ["ls"]' })),
  "code of JavaScript": () =>
    pack(described({ inputs: '!!js/function "function () { return 1 }"' })),
  "names of the language": () =>
    pack(described({ weights: "{__proto__: {source: net.onnx}}", constructor: "1" })),
  "two descriptions": () => pack(`${described()}---\n${described()}`),
  "keys twice": () => pack(`${described()}type: dataset\n`),
  "no text": () => pack("\u0000\u0001\u0002"),
  nothing: () => pack(""),
  "weights outside of the package": (n) => weights(`${"../".repeat(Math.min(n, 50))}etc/passwd`),
  "weights at an absolute path": () => weights("/etc/passwd"),
  "weights of Windows": () => weights("'C:\\Windows\\win.ini'"),
  "weights on a server": () => weights("http://127.0.0.1:9/net.onnx"),
  "weights of a file": () => weights("file:///etc/passwd"),
  "weights that are not there": (n) => weights("a".repeat(n)),
  "weights of many lines": (n) => weights(`"${"a\\n\\u001b[31m".repeat(n)}"`),
  "weights that are a list": () => weights("[net.onnx]"),
  "weights that are the description": () => weights("rdf.yaml"),
  "many inputs": (n) => pack(described({ inputs: `[${"{id: a}, ".repeat(Math.min(n, 3000))}]` })),
  "many axes": (n) =>
    pack(described({ inputs: `[{axes: [${"{type: batch}, ".repeat(Math.min(n, 3000))}]}]` })),
  "a step that is not there": (n) => steps(`[{id: "${"eval\\n".repeat(n)}"}]`),
  "many steps": (n) => steps(`[${"{id: clip}, ".repeat(Math.min(n, 3000))}]`),
  "a mean that is no number": () =>
    steps("[{id: fixed_zero_mean_unit_variance, kwargs: {mean: .nan, std: .inf}}]"),
};

/** Each must be refused. */
export const hostilePackages = attacks("zip", 20_000, TABLE);
