// Writes src/gpu/shaders.generated.ts: every file of shaders/ as a string under its stem, so that
// Node and every bundler import the kernels like any other module.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../shaders/", import.meta.url);
const target = new URL("../src/gpu/shaders.generated.ts", import.meta.url);
const stems = readdirSync(folder)
  .filter((file) => file.endsWith(".wgsl"))
  .map((file) => file.slice(0, -".wgsl".length))
  .sort();
const entries = stems.map((stem) => {
  const source = readFileSync(new URL(`${stem}.wgsl`, folder), "utf8");
  return `  ${JSON.stringify(stem)}: ${JSON.stringify(source)},\n`;
});
// What was measured of kernels holds for these kernels: version and a digest of their text.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const digest = createHash("sha256").update(entries.join("")).digest("hex").slice(0, 12);
const text = `// Generated from shaders/ by scripts/embed-shaders.js. Do not edit.
export const kernelsVersion = "${version}+${digest}";
export const shaders = {\n${entries.join("")}} as const;\n`;
let old = "";
try {
  old = readFileSync(target, "utf8");
} catch {}
if (old !== text) writeFileSync(target, text);
