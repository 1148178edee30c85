import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const at = (path: string) => new URL(path, import.meta.url).href;

/** The files of the caches in a new process that imports a module. */
function cachesWith(module: string): unknown {
  const { MICROGRAPH_KERNEL_CACHE: _, MICROGRAPH_DOCTOR: __, ...env } = process.env;
  const text =
    `await import(${JSON.stringify(at(module))});` +
    `const files = await import(${JSON.stringify(at("../src/node/tuning-cache-file.js"))});` +
    "console.log(JSON.stringify([files.tuningCacheFile() ?? null, files.doctorFile() ?? null]))";
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const words = ["--input-type=module", "-e", text];
  return JSON.parse(execFileSync(process.execPath, words, { env, cwd, encoding: "utf8" }));
}

test("a process that plants faults keeps nothing in the user's cache", () => {
  const [tuned] = cachesWith("../src/node/tuning-cache-file.js") as string[];
  assert.match(tuned, /kernels\.json$/, "else the test shows nothing");
  for (const module of ["faults/mutations", "check/faulty-device", "survival/faulty-gpu"]) {
    assert.equal(cachesWith(`./${module}.js`), [null, null], module);
  }
});

test.run();
