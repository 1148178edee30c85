// Writes the files of shaders/ as strings under their stems, so that Node and every bundler import
// the kernels like any other module: src/gpu/shaders-usual.generated.ts holds those that a GPU runs where
// nothing was tuned, src/gpu/shaders-on-demand.generated.ts the others. Each is a chunk of its own, which
// is loaded when one of its shaders is used; src/gpu/shaders.generated.ts has what planning needs of all.
// src/canvas/shaders.generated.ts holds those of micrograph/canvas, which are no kernels of ops. Comments, indentation and blanks around operators are left out. Every
// line stays where it was, so that the line of a compile error is that of the file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { bindingLetters } from "./binding-letters.js";

const folder = new URL("../shaders/", import.meta.url);
const modules = new URL("../src/", import.meta.url);

/** What a GPU on which nothing was tuned runs for a U-Net (test/gpu/shaders.test.ts compares). */
const USUAL = new Set([
  "adam",
  "conv2d",
  "conv2d-loss",
  "conv2d-pack-weight",
  "conv2d-weight-gradient",
  "conv2d-weight-gradient-workgroup",
  "conv2d-workgroup",
  "crop-concat",
  "dropout",
  "log-value",
  "max-pool2d",
  "max-pool2d-gradient",
  "not-finite",
  "relu-gradient",
  "sgd",
  "softmax",
  "sum-splits",
  "up-conv2d",
  "up-conv2d-input-gradient",
  "up-conv2d-weight-gradient",
  "weighted-cross-entropy-count",
  "weighted-cross-entropy-total",
]);

/** What is looked for in the text at run time (src/gpu/specialise.ts, shaders.ts) stays as it is. */
const READ = /^(?:const|alias|struct|for)\b|^@/;

/** The text without comments, but for the marks of loops that are written out. */
function stripped(source) {
  const lines = source.split("\n").map((line) => {
    const [code, comment = ""] = line.split("//").map((part) => part.trim());
    if (READ.test(code)) return comment === "unroll" ? `${code} // unroll` : code;
    return code.replace(/ ?([-=+*/,<>&|(){};]) ?/g, "$1");
  });
  return lines.join("\n");
}

const record = (entries) => {
  const lines = entries.map(
    ([stem, text]) => `  ${JSON.stringify(stem)}: ${JSON.stringify(text)},`,
  );
  return `{\n${lines.join("\n")}\n} as const;\n`;
};

function writeModule(name, code) {
  const target = new URL(name, modules);
  const text = `// Generated from shaders/ by scripts/embed-shaders.js. Do not edit.\n${code}`;
  let old = "";
  try {
    old = readFileSync(target, "utf8");
  } catch {}
  if (old !== text) writeFileSync(target, text);
}

const files = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".wgsl"))
  .map((file) => [basename(file, ".wgsl"), stripped(readFileSync(new URL(file, folder), "utf8"))])
  .sort(([a], [b]) => (a < b ? -1 : 1));
const isCanvas = ([stem]) => stem.startsWith("canvas-");
const all = files.filter((file) => !isCanvas(file));
// What was measured of kernels holds for these kernels: version and a digest of their text.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const digest = createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 12);

writeModule(
  "gpu/shaders.generated.ts",
  `export const kernelsVersion = "${version}+${digest}";
/** Of every shader: a letter for each binding (read, write, uniform, texture, packable texture). */
export const bindings = ${record(all.map(([stem, text]) => [stem, bindingLetters(stem, text)]))}`,
);
writeModule(
  "gpu/shaders-usual.generated.ts",
  `export const shaders = ${record(all.filter(([stem]) => USUAL.has(stem)))}`,
);
writeModule(
  "gpu/shaders-on-demand.generated.ts",
  `export const shaders = ${record(all.filter(([stem]) => !USUAL.has(stem)))}`,
);
writeModule(
  "canvas/shaders.generated.ts",
  `export const shaders = ${record(files.filter(isCanvas))}`,
);
