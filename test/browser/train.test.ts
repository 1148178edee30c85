import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isInSample } from "../sample.js";
import { openPage, type TestPage } from "./page.js";
import { EXTRAS, STEPS } from "./sample-run.js";

declare const it: typeof import("./train-page.js");

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./train-page.js");
});
test.after(() => opened?.close());

test("training lowers the loss in a page, and every loss is that of Node within 1e-5", async () => {
  const losses = await opened.run(() => it.train({}));
  const isWhole = isInSample("what options of a training load in a page");
  const extras = isWhole ? await opened.run((changes) => it.train(changes), EXTRAS) : [];
  assert.is(losses.length, STEPS);
  assert.ok(losses[STEPS - 1] < 0.8 * losses[0], `from ${losses[0]} to ${losses[STEPS - 1]}`);
  // Both run on SwiftShader, but different versions of Dawn compile the sums.
  const script = fileURLToPath(new URL("node-losses.js", import.meta.url));
  const which = isWhole ? ["extras"] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...which]);
  const node: Record<"plain" | "extras", number[]> = JSON.parse(stdout);
  assert.is(extras.length, node.extras.length);
  for (const [i, expected] of [...node.plain, ...node.extras].entries()) {
    const got = [...losses, ...extras][i];
    assert.ok(Math.abs(got - expected) <= 1e-5, `${i}: ${got} in the page, ${expected} in Node`);
  }
  assert.equal(opened.problems, []);
});

test("losing the device ends the training with an error that explains it", async () => {
  const told = await opened.run(() => it.loseDevice());
  for (const [who, error] of Object.entries(told)) {
    assert.match(error, /^GpuError: the GPU device was lost: ./, who);
  }
  assert.equal(opened.problems, []);
});

test.run();
