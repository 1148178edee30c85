// `npm run shaders`: copies the lines that shaders share (shared-lines.ts).

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { shaderFiles } from "./shader-files.js";
import { withSharedLines } from "./shared-lines.js";

const texts = shaderFiles();
const folder = new URL("../../shaders/", import.meta.url);
for (const file of readdirSync(folder, { recursive: true }).map(String)) {
  if (!file.endsWith(".wgsl")) continue;
  const url = new URL(file, folder);
  const before = readFileSync(url, "utf8");
  const after = withSharedLines(before, (stem) => texts.get(stem) ?? "");
  if (after === before) continue;
  writeFileSync(url, after);
  console.log(`shaders/${file}`);
}
