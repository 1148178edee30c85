// Makes the declarations of dist/src/ compatible with older TypeScript. Before 5.7 a Float32Array
// has no type parameter for its buffer: `of` of its constructor returns the right type in every
// version. Before 6.0 lib.dom has no WebGPU: dist/typescript-5/ refers to @webgpu/types, which
// newer versions refuse next to their own.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));

for (const file of readdirSync(`${dist}src`, { recursive: true }).map(String)) {
  if (!file.endsWith(".d.ts")) continue;
  const path = `${dist}src/${file}`;
  const text = readFileSync(path, "utf8");
  const older = text
    .replace(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<$1Constructor["of"]>')
    .replace(/\b(\w+Array)<ArrayBufferLike>/g, "$1");
  if (older !== text) writeFileSync(path, older);
}

const folder = `${dist}typescript-5/`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
for (const conditions of Object.values(exports)) {
  const older = conditions["types@<6.0"];
  if (older === undefined) continue;
  const path = fileURLToPath(new URL(older, new URL("../", import.meta.url)));
  const types = fileURLToPath(new URL(conditions.types, new URL("../", import.meta.url)));
  const from = relative(folder, types)
    .replaceAll("\\", "/")
    .replace(/\.d\.ts$/, ".js");
  writeFileSync(path, `/// <reference types="@webgpu/types" />\nexport * from "${from}";\n`);
}
