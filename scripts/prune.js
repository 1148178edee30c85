// Removes from dist/ what tsc made of files that are gone: a deleted test would go on running.
import { existsSync, readdirSync, rmSync } from "node:fs";

const root = new URL("../", import.meta.url);
for (const folder of ["src", "test", "bench", "bundlers", "examples"]) {
  const made = new URL(`dist/${folder}/`, root);
  if (!existsSync(made)) continue;
  for (const file of readdirSync(made, { recursive: true }).map(String)) {
    const stem = /^(.*)\.(?:js|js\.map|d\.ts)$/.exec(file)?.[1];
    if (stem === undefined) continue;
    const sources = [".ts", ".tsx"].map((ending) => new URL(`${folder}/${stem}${ending}`, root));
    if (!sources.some((source) => existsSync(source))) rmSync(new URL(file, made));
  }
}
