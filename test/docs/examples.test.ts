// The programs of examples/ that run in Node and that no other test runs, as they are; only a call of `train` ends after
// two steps (short-runs.ts).

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampledTest } from "../sample.js";
import { writeData } from "./data.js";

const hook = new URL("./short-runs.js?steps=2", import.meta.url);

/** What an example prints, and the files that it writes into a folder with the data of the docs. */
async function runExample(name: string, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "micrograph-examples-"));
  try {
    writeData(folder);
    const before = new Set(readdirSync(folder));
    const program = fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));
    const run = promisify(execFile)(process.execPath, ["--import", `${hook}`, program, ...args], {
      cwd: folder,
    });
    const { stdout } = await run;
    return { stdout, files: readdirSync(folder).filter((file) => !before.has(file)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("examples/single-ops.ts prints an output and gradients", async () => {
  const { stdout } = await runExample("single-ops");
  assert.match(stdout, /^y \[ 1, 3, 3, 3 \] Float32Array\(27\)/);
  assert.match(stdout, /dweight \[ 3, 2, 3, 3 \]/);
  assert.not.match(stdout, "NaN");
});

sampledTest("examples/own-loop.ts prints losses and saves a checkpoint", async () => {
  const { stdout, files } = await runExample("own-loop");
  assert.is(stdout.match(/loss: /g)?.length, 40);
  assert.equal(files, ["own-loop.safetensors"]);
});

sampledTest(
  "examples/own-training.ts trains two heads by its own loss and predicts one",
  async () => {
    const { stdout } = await runExample("own-training");
    assert.match(stdout, /^step 2: wrong pixels 0\.\d+ { cellShare: [\d.]+ }\n/);
    assert.match(stdout, /16384 distances, the largest/);
  },
);

sampledTest("examples/batch-norm.ts trains a model with norms and predicts with it", async () => {
  const { stdout } = await runExample("batch-norm");
  assert.match(
    stdout,
    /^step 2: [\d.]+ % of pixels wrong\n20 buffers, such as bottom\.norm1\.running_mean\n/,
  );
  assert.match(stdout, /\n32768 probabilities\n$/);
});

sampledTest("examples/train.ts keeps checkpoints and segments an image", async () => {
  const { files } = await runExample("train", "my-data");
  assert.equal(files.sort(), ["best.safetensors", "last.safetensors", "mask.png"]);
});

test.run();
