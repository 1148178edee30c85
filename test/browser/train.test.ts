import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openPage, type TestPage } from "./page.js";
import { STEPS } from "./sample-run.js";

declare const it: typeof import("./train-page.js");

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./train-page.js");
});
test.after(() => opened?.close());

test("training lowers the loss in a page, and every loss is that of Node within 1e-5", async () => {
  const losses = await opened.run(() => it.train());
  assert.is(losses.length, STEPS);
  assert.ok(losses[STEPS - 1] < 0.8 * losses[0], `from ${losses[0]} to ${losses[STEPS - 1]}`);
  // Both run on SwiftShader; sums of the two are compiled by other versions of Dawn.
  const script = fileURLToPath(new URL("node-losses.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  for (const [i, expected] of (JSON.parse(stdout) as number[]).entries()) {
    const off = Math.abs(losses[i] - expected);
    assert.ok(off <= 1e-5, `step ${i + 1}: ${losses[i]} in the page, ${expected} in Node`);
  }
  assert.equal(opened.problems, []);
});

test("a device that is lost ends the training with an error that says so", async () => {
  const told = await opened.run(() => it.loseDevice());
  for (const [who, error] of Object.entries(told)) {
    assert.match(error, /^GpuError: the GPU device was lost: ./, who);
  }
  assert.equal(opened.problems, []);
});

test.run();
