// Bundles what a page imports, like Vite, and prints the bytes after gzip -9. Exits with 1 if a
// part exceeds its limit or contains anything from Node.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const dist = fileURLToPath(new URL("../dist/src/", import.meta.url));

/** The runtime, the ops and plans, the U-Net, training and prediction. */
const CORE = Object.keys(await import(`${dist}core.js`));
const PARTS = [
  ["core: runtime, ops, U-Net, training, prediction", CORE, { limit: 45_000 }],
  ["core with training tiles", [...CORE, "createSampler"]],
  ["core with checkpoint files", [...CORE, "encodeSafetensors", "decodeSafetensors"]],
  ["prediction with checkpoint files", ["requestDevice", "createPredictor", "decodeSafetensors"]],
  // It must not bundle the engine.
  ["micrograph/canvas", ["createCanvasPredictor"], { limit: 8_000, entry: "canvas/index.js" }],
];

/** Returns the files of an app that uses these exports. */
async function bundle(names, entry) {
  const code = `import { ${names} } from "${dist}${entry}"; globalThis.used = [${names}];`;
  const page = {
    name: "page",
    resolveId: (id) => (id === "page" ? "\0page" : undefined),
    load: (id) => (id === "\0page" ? code : undefined),
  };
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: dist,
    plugins: [page],
    build: { write: false, target: "es2022", rollupOptions: { input: "page" } },
  });
  return result.output;
}

/** Returns the file that a page loads first, with its imports. */
function firstFiles(output) {
  const files = new Set();
  const visit = (name) => {
    if (files.has(name)) return;
    files.add(name);
    for (const file of output.find(({ fileName }) => fileName === name).imports) visit(file);
  };
  visit(output.find(({ isEntry }) => isEntry).fileName);
  return files;
}

const sum = (files) =>
  files.reduce((total, { code }) => total + gzipSync(code, { level: 9 }).length, 0);

console.log("bytes, minified and gzipped".padEnd(52), "at first", "when needed");
for (const [what, names, { limit = Infinity, entry = "index.js" } = {}] of PARTS) {
  const output = await bundle(names, entry);
  const first = firstFiles(output);
  const bytes = sum(output.filter(({ fileName }) => first.has(fileName)));
  const later = sum(output.filter(({ fileName }) => !first.has(fileName)));
  console.log(what.padEnd(52), String(bytes).padStart(8), String(later).padStart(11));
  if (bytes > limit) {
    console.error(`${what}: ${bytes} bytes, expected at most ${limit}`);
    process.exitCode = 1;
  }
  for (const { code } of output) {
    const [ofNode] = /\bBuffer\.|\bprocess\.|\brequire\(|["']node:/.exec(code) ?? [];
    if (!ofNode) continue;
    console.error(`${what}: it uses ${ofNode}, which a page lacks`);
    process.exitCode = 1;
  }
}
