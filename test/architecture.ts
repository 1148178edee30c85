// Checks what compilers do not: which folder imports which (docs/architecture.md), that code for
// browsers reaches nothing from Node, that no module has state, and the shape of ops and shaders.
// Prints each problem and exits with 1. An argument sets another root than this package's.

import { existsSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { shaderProblems } from "./shader-shape.js";
import { withSharedLines } from "./shared-lines.js";
import { type Import, sourceFiles, withoutComments } from "./source-files.js";

const root = resolve(process.argv[2] ?? fileURLToPath(new URL("../..", import.meta.url)));
const problems: string[] = [];

const { read, below: filesBelow, importsOf } = sourceFiles(root);

/** What a folder of src may import besides itself; "type" allows only type imports. */
const LAYERS: Readonly<Record<string, Readonly<Record<string, "any" | "type">>>> = {
  // Checks of callers' arguments: options by name, numbers.
  arguments: {},
  options: { arguments: "any" },
  // Shaders as values: their names, bindings and texts.
  shaders: { arguments: "any" },
  graph: { shaders: "type", arguments: "any" },
  ops: { graph: "any", shaders: "any", arguments: "any" },
  gpu: { graph: "any", ops: "type", shaders: "any", arguments: "any" },
  // Compares ops with references in 64 bits, on any device.
  check: { ops: "any", gpu: "any", graph: "any", shaders: "any", arguments: "any" },
  model: { ops: "any", graph: "any", options: "any", arguments: "any" },
  data: { options: "any", arguments: "any" },
  metrics: { data: "any" },
  // Cells by number: separated, matched, measured. Nothing of a network or of a GPU.
  objects: { data: "any", metrics: "any", formats: "any", arguments: "any" },
  outputs: { data: "any", objects: "any", pictures: "any", formats: "any" },
  pictures: { data: "any", metrics: "any", objects: "any", arguments: "any" },
  // File formats: from bytes to plain values and back. Files are read by ranges, from a source.
  formats: { data: "type", arguments: "any" },
  browser: { data: "any", formats: "any", arguments: "any" },
  // It uses the engine that a page has loaded, and does not bundle one.
  canvas: {
    data: "any",
    graph: "any",
    browser: "any",
    shaders: "any",
    gpu: "type",
    predict: "type",
    train: "type",
    arguments: "any",
  },
  predict: {
    model: "any",
    gpu: "any",
    ops: "any",
    graph: "any",
    data: "any",
    train: "any",
    options: "any",
    arguments: "any",
  },
  train: {
    predict: "any",
    model: "any",
    gpu: "any",
    ops: "any",
    graph: "any",
    data: "any",
    metrics: "any",
    objects: "any",
    formats: "any",
    options: "any",
    arguments: "any",
  },
  // The networks that come with the package.
  networks: { train: "any" },
  // Networks of other programs: built of all ops, kept as checkpoints.
  interchange: {
    operations: "any",
    model: "any",
    gpu: "any",
    metrics: "any",
    pictures: "any",
    graph: "any",
    data: "any",
    formats: "any",
    train: "any",
    options: "type",
    shaders: "type",
    arguments: "any",
  },
};
/** Seeded numbers, used for initial weights and for data. They import nothing. */
const RANDOM = "src/data/random.ts";
const BROWSER = [
  "arguments",
  "options",
  "shaders",
  "graph",
  "ops",
  "gpu",
  "check",
  "model",
  "data",
  "metrics",
  "objects",
  "outputs",
  "pictures",
  "predict",
  "train",
  "formats",
  "interchange",
  "networks",
  "browser",
  "canvas",
  "core",
  "files",
  "operations",
  "slides",
  "index",
];

/** Packages in plain JavaScript that decode file contents, in Node and in every page, by folder. */
const CODECS: Readonly<Record<string, readonly string[]>> = {
  formats: ["fflate", "fzstd"],
  interchange: ["yaml"],
};
/** What slides are read and written with; loaded when a store of Zarr is opened. */
const OF_SLIDES = ["zarrita", "@zarrita/storage/fetch", "@zarrita/storage/zip", "numcodecs/blosc"];

/** src/ops/elementwise/add.ts belongs to "ops", src/index.ts to "index", src/cli.ts and src/cli/ to "cli". */
const layerOf = (file: string) =>
  file
    .replace(/^src\//, "")
    .split("/")[0]
    .replace(/\.ts$/, "");

function checkImport(file: string, { target, isType, isPackage }: Import): void {
  const from = layerOf(file);
  if (isPackage) {
    const isOfSlides = file.startsWith("src/formats/slide/") && OF_SLIDES.includes(target);
    const isCodec = CODECS[from]?.includes(target) || isOfSlides;
    if (BROWSER.includes(from) && !isType && !isCodec) {
      problems.push(`${file} imports ${target}: code for browsers must not need a package`);
    }
    return;
  }
  if (!target.startsWith("src/")) {
    problems.push(`${file} imports ${target}, which is not in src`);
    return;
  }
  if (!existsSync(join(root, target)) && !target.endsWith(".generated.ts")) {
    problems.push(`${file} imports ${target}, which does not exist`);
  }
  const to = layerOf(target);
  if (from === to || from === "cli" || (from === "model" && target === RANDOM)) return;
  const isFree = ["node", "index", "core", "files", "operations", "slides"].includes(from);
  const allowed = isFree ? (to === "cli" ? undefined : "any") : LAYERS[from]?.[to];
  if (from !== "node" && isFree && to === "node")
    problems.push(`${file} imports ${target}, which is Node's`);
  if (!allowed) problems.push(`${file} imports ${target}: ${from} may not import ${to}`);
  else if (allowed === "type" && !isType) {
    problems.push(`${file} imports ${target}: ${from} may import types of ${to} only`);
  }
}

/** Everything that the module imports at run time, directly or indirectly. */
function reach(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (!existsSync(join(root, file))) return seen;
  for (const { target, isType } of importsOf(file)) {
    if (isType || seen.has(target)) continue;
    seen.set(target, file);
    if (target.startsWith("src/")) reach(target, seen);
  }
  return seen;
}

function checkModuleState(file: string): void {
  for (const [line] of withoutComments(read(file)).matchAll(/^(?:export )?(?:let|var) .*/gm)) {
    problems.push(`${file} has a variable at module level: ${line}`);
  }
}

const sources = filesBelow("src", ".ts");
for (const file of sources) {
  if (file.endsWith(".generated.ts")) continue;
  for (const found of importsOf(file)) checkImport(file, found);
  checkModuleState(file);
  const layer = layerOf(file);
  if (
    !(layer in LAYERS) &&
    !["cli", "node", "index", "core", "files", "operations", "slides"].includes(layer)
  ) {
    problems.push(`${file} is in no layer: name its folder in test/architecture.ts`);
  }
}

/** The modules that a page may import. */
const PUBLIC = [
  "src/index.ts",
  "src/core.ts",
  "src/files.ts",
  "src/operations.ts",
  "src/slides.ts",
  "src/canvas/index.ts",
  "src/formats/index.ts",
  "src/objects/index.ts",
  "src/interchange/index.ts",
  "src/formats/png/index.ts",
  "src/formats/tiff/index.ts",
];
for (const entry of PUBLIC) {
  for (const [target, from] of reach(entry)) {
    if (target.startsWith("node:") || target.startsWith("src/node")) {
      problems.push(`${entry} reaches ${target} by ${from}: a browser cannot load it`);
    }
  }
}

// The app uses the package like any other program.
const appFiles = [...filesBelow("app/src", ".ts"), ...filesBelow("app/src", ".tsx")];
for (const file of appFiles) {
  for (const { target, isPackage } of importsOf(file)) {
    const isOwn = target.startsWith("app/src/") || PUBLIC.includes(target);
    if (isPackage ? target.startsWith("node:") : !isOwn) {
      problems.push(
        `${file} imports ${target}: the app may import ${PUBLIC.join(", ")} and itself`,
      );
    }
  }
  checkModuleState(file);
}

/**
 * Import cycles, of values and of types: each a list of files of which every one reaches every
 * other (Tarjan's strongly connected components).
 */
function circlesOf(files: readonly string[]): string[][] {
  const circles: string[][] = [];
  const open: string[] = [];
  const order = new Map<string, number>();
  const isDone = new Set<string>();
  /** The earliest open file that `file` reaches. */
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    open.push(file);
    let earliest = own;
    for (const { target } of importsOf(file)) {
      const to = files.includes(target) ? target : `${target}x`; // a view ends in .tsx
      if (!files.includes(to) || isDone.has(to)) continue;
      earliest = Math.min(earliest, order.get(to) ?? visit(to));
    }
    if (earliest < own) return earliest;
    const circle = open.splice(open.indexOf(file));
    for (const one of circle) isDone.add(one);
    if (circle.length > 1) circles.push(circle.sort());
    return own;
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return circles;
}

const written = [...sources, ...appFiles].filter((file) => !file.endsWith(".generated.ts"));
for (const circle of circlesOf(written)) {
  problems.push(`a circle of imports, of values or types: ${circle.join(", ")}`);
}

// File names must be unique, so that a file is found by its name.
const homes = new Map<string, string>();
for (const file of sources.filter((file) => written.includes(file))) {
  const name = posix.basename(file);
  const other = homes.get(name);
  homes.set(name, file);
  if (other === undefined || name === "index.ts") continue;
  problems.push(`${file} and ${other} have one name: name them by what differs`);
}

// Every shader belongs to an op (one measures the adapter, some examine it, some draw), every op to a
// file, and every file with ops to a test.
const withCode = (folder: string) =>
  filesBelow(folder, ".ts").map((file) => ({ file, code: read(file) }));
const opFiles = withCode("src/ops");
const checkFiles = withCode("src/check");
const isUsed = (name: string) =>
  [...opFiles, ...checkFiles].some(({ code }) =>
    new RegExp(`\\bshaders\\.${name}\\b`).test(code),
  ) ||
  ["src/gpu/peak.ts", "src/canvas/kernels.ts"].some((file) =>
    new RegExp(`\\b${name}\\b`).test(read(file)),
  );
const shaders = filesBelow("shaders", ".wgsl");
for (const shader of shaders) {
  const stem = posix.basename(shader, ".wgsl");
  const name = stem.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!isUsed(name)) {
    problems.push(
      `${shader} is used by no file in src/ops or src/check, and not by src/canvas/kernels.ts`,
    );
  }
  problems.push(...shaderProblems(shader, read(shader)));
  const ofStem = (stem: string) =>
    read(shaders.find((file) => posix.basename(file, ".wgsl") === stem) ?? shader);
  if (withSharedLines(read(shader), ofStem) !== read(shader)) {
    problems.push(`${shader}: lines differ from those that it shares: run npm run shaders`);
  }
}
const opIndex = read("src/ops/index.ts");
for (const { file, code } of opFiles) {
  if (!/^export const \w+: Op</m.test(code)) continue;
  const line = `export * from "./${posix.relative("src/ops", file).replace(/\.ts$/, ".js")}";`;
  if (!opIndex.includes(line)) problems.push(`${file} has an op: src/ops/index.ts lacks ${line}`);
  const test = file.replace(/^src/, "test").replace(/\.ts$/, ".test.ts");
  if (!existsSync(join(root, test))) problems.push(`${file} has an op: ${test} is missing`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else
  console.log(
    `${sources.length + appFiles.length} modules and ${shaders.length} shaders keep the architecture`,
  );
