// Writes src/gpu/shaders.generated.ts: every file of shaders/ as a string under its stem, so that
// Node and every bundler import the kernels like any other module.
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
const text = `// Generated from shaders/ by scripts/embed-shaders.js. Do not edit.\nexport const shaders = {\n${entries.join("")}} as const;\n`;
let old = "";
try {
  old = readFileSync(target, "utf8");
} catch {}
if (old !== text) writeFileSync(target, text);
