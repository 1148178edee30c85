// Adds an op, and a kernel of conv2d, to a copy of the package, builds the copy, and runs its
// architecture test and their own tests. Fails if one of them needs a further file. `npm run
// extend`.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Change, toyKernel, toyOp } from "./toys.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "micrograph-extend-"));

/**
 * Files that a change touches: a shader, a file, a test and a line for an op, and the same for a
 * kernel.
 */
const MOST_FILES = 4;

function make({ created, edited }: Change): string[] {
  for (const [path, text] of Object.entries(created)) writeFileSync(join(copy, path), text);
  for (const [path, edits] of Object.entries(edited)) {
    let text = readFileSync(join(copy, path), "utf8");
    for (const { before, added } of edits) {
      const at = text.indexOf(`\n${before}`) + 1;
      if (at === 0) throw new Error(`${path} has no line that begins with ${before}`);
      text = text.slice(0, at) + added + text.slice(at);
    }
    writeFileSync(join(copy, path), text);
  }
  return [...Object.keys(created), ...Object.keys(edited)];
}

const run = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: copy, stdio: "inherit" });

try {
  const parts = ["src", "shaders", "scripts", "test", "examples", "package.json", "tsconfig.json"];
  for (const name of parts) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const [what, change] of Object.entries({ op: toyOp, "kernel of conv2d": toyKernel })) {
    const touched = make(change);
    console.log(`A new ${what} touches ${touched.length} files: ${touched.join(", ")}`);
    if (touched.length > MOST_FILES) {
      throw new Error(`a new ${what} touches more than ${MOST_FILES} files`);
    }
  }
  run("scripts/embed-shaders.js");
  run("scripts/embed-jpeg.js");
  const config = { extends: "./tsconfig.json", include: ["src", "test/ops", "test/*.ts"] };
  writeFileSync(join(copy, "tsconfig.extend.json"), JSON.stringify(config));
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.extend.json");
  run("dist/test/architecture.js");
  run("dist/test/run.js", "elementwise/twice", "conv2d/conv2d-plain");
} finally {
  rmSync(copy, { recursive: true, force: true });
}
