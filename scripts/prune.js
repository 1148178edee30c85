// Removes compiled files from dist/ whose sources no longer exist: a deleted test would still run.
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
