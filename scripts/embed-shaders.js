// Writes the files of shaders/ as values to src/shaders/, so that Node and every bundler import
// them like any other module. embedded.generated.ts has one value per file (`Shader`): its name,
// the kinds of its bindings, and, as types, the names of its constants, uniforms and tensors;
// general.generated.ts has those of ops that the paper's U-Net does not use. The texts are separate
// chunks: texts-usual.generated.ts has those that a GPU without tuning runs,
// texts-general.generated.ts those of general.generated.ts, texts-on-demand.generated.ts the
// others; canvas.generated.ts and texts-canvas.generated.ts are those of micrograph/canvas,
// check.generated.ts and texts-check.generated.ts those of the doctor: neither are kernels of ops.
// Comments, indentation and blanks around operators are removed from
// the texts. Line breaks are kept, so that the line of a compile error is that of the file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = new URL("../shaders/", import.meta.url);
const modules = new URL("../src/shaders/", import.meta.url);

/** The module of src/shaders/ that parses bindings; transpiled here, since nothing is built yet. */
const { outputFiles } = await build({
  stdin: {
    contents: 'export * from "./bindings.ts"; export * from "./uniform-fields.ts";',
    resolveDir: fileURLToPath(modules),
  },
  bundle: true,
  format: "esm",
  write: false,
});
const { declaredBindings, uniformFields } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);

/** The shaders that a GPU without tuning runs for a U-Net (test/gpu/shaders.test.ts compares). */
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

/** The folders of ops that neither the paper's U-Net nor the FCNs use. */
const GENERAL = new Set([
  "convolution",
  "formula",
  "matmul",
  "norm",
  "rearrange",
  "reduce",
  "resize",
  "window",
]);

/**
 * Lines that are searched at run time (src/gpu/specialise.ts, src/shaders/bindings.ts) are not
 * changed.
 */
const READ = /^(?:const|alias|struct|for)\b|^@/;

const NEXT_TO_SIGN = /(?<=[-=+*/,<>&|(){};]) | (?=[-=+*/,<>&|(){};])/g;
/** Signs that are another one if nothing is between them: "a - -b". Not every compiler forgives it. */
const OTHER_TOKEN = /^(?:--|\+\+|->|\/\/|\/\*|&&|\|\|)$/;

/** Removes comments, except the marks of loops to unroll. */
function stripped(source) {
  const lines = source.split("\n").map((line) => {
    const [code, comment = ""] = line.split("//").map((part) => part.trim());
    if (READ.test(code)) return comment === "unroll" ? `${code} // unroll` : code;
    return code.replace(NEXT_TO_SIGN, (_, at) => {
      return OTHER_TOKEN.test(code[at - 1] + code[at + 1]) ? " " : "";
    });
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
  .map((file) => [
    basename(file, ".wgsl"),
    stripped(readFileSync(new URL(file, folder), "utf8")),
    dirname(file),
  ])
  .sort(([a], [b]) => (a < b ? -1 : 1));
const isCanvas = ([stem]) => stem.startsWith("canvas-");
const isCheck = ([stem]) => stem.startsWith("check-");
const all = files.filter((file) => !isCanvas(file) && !isCheck(file));
// The version of what was measured and examined: that of the package, and a digest of the kernels' text and of the
// code that dispatches them, so that a fault in either is not remembered for the right ones.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const opsFolder = new URL("../src/ops/", import.meta.url);
const ops = readdirSync(opsFolder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".ts"))
  .sort()
  .map((file) => [file.replaceAll("\\", "/"), readFileSync(new URL(file, opsFolder), "utf8")]);
const digest = createHash("sha256")
  .update(JSON.stringify([all, ops]))
  .digest("hex")
  .slice(0, 12);

/** "conv2d-texture" is exported as conv2dTexture. */
const identifier = (stem) => stem.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Constants that a dispatch may set: those that are not computed from others. */
const constantsOf = (text) =>
  [...text.matchAll(/^const (\w+): \w+ = (?:-?[\d.]+|true|false);/gm)].map(([, name]) => name);

const union = (names) => names.map((name) => JSON.stringify(name)).join(" | ") || "never";

const KINDS = { read: "read", read_write: "readWrite", uniform: "uniform", picture: "picture" };
const kindOf = ({ kind, isPackable }) => KINDS[kind] ?? (isPackable ? "packable" : "texture");

/** The code of a shader as a value, whose text the function `load` of texts.ts returns. */
function shaderCode([stem, text], load) {
  const bindings = declaredBindings(stem, text);
  const tensors = bindings.filter(({ kind }) => kind !== "uniform").map(({ name }) => name);
  const types = [
    union(constantsOf(text)),
    union(Object.keys(uniformFields(text))),
    JSON.stringify(tensors),
  ];
  return `
export const ${identifier(stem)}: Shader<
  ${types.join(",\n  ")}
> = {
  name: "${stem}",
  bindings: [${bindings.map(kindOf).join(", ")}],
  text: ${load},
};
`;
}

function writeValues(name, shaders, loadOf) {
  const kinds = ["packable", "picture", "read", "readWrite", "texture", "uniform"];
  const values = shaders.map((file) => shaderCode(file, loadOf(file))).join("");
  const loads = [...new Set(shaders.map(loadOf))];
  const used = kinds.filter((kind) => new RegExp(`[[ ]${kind}[\\],]`).test(values));
  writeModule(
    name,
    `import { ${used.join(", ")} } from "./binding-kinds.js";
import type { Shader } from "./shader.js";
import { ${loads.join(", ")} } from "./texts.js";
${values}`,
  );
}

const chunkOf = ([stem, , family]) =>
  USUAL.has(stem) ? "usual" : GENERAL.has(family) ? "general" : "onDemand";
const of = (chunk) => all.filter((file) => chunkOf(file) === chunk);
/** The type has the names only: a declaration file would repeat the texts. */
const writeTexts = (name, shaders) => {
  const type = `Readonly<Record<${union(shaders.map(([stem]) => stem))}, string>>`;
  writeModule(name, `export const texts: ${type} = ${record(shaders).replace(" as const", "")}`);
};
writeModule("version.generated.ts", `export const kernelsVersion = "${version}+${digest}";\n`);
const isGeneral = (file) => chunkOf(file) === "general";
writeValues(
  "embedded.generated.ts",
  all.filter((file) => !isGeneral(file)),
  chunkOf,
);
writeValues("general.generated.ts", all.filter(isGeneral), chunkOf);
writeValues("canvas.generated.ts", files.filter(isCanvas), () => "onCanvas");
writeValues("check.generated.ts", files.filter(isCheck), () => "onCheck");
writeTexts("texts-usual.generated.ts", of("usual"));
writeTexts("texts-on-demand.generated.ts", of("onDemand"));
writeTexts("texts-general.generated.ts", of("general"));
writeTexts("texts-canvas.generated.ts", files.filter(isCanvas));
writeTexts("texts-check.generated.ts", files.filter(isCheck));
