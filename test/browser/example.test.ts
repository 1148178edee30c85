import { test } from "uvu";
import * as assert from "uvu/assert";
import { openPage, type TestPage } from "./page.js";

declare const it: typeof import("./example-page.js");

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./example-page.js");
});
test.after(() => opened?.close());

test("the example for a page trains until it is stopped, and predicts on the app's device", async () => {
  const { share, missing, ...rest } = await opened.run(() => it.trainThenPredict());
  assert.ok(share > 0 && share < 1, `stopped at ${share}`);
  assert.equal(rest, { width: 30, height: 20, count: 2 * 30 * 20 });
  assert.is(missing, "Error: /missing.safetensors: 404 Not Found");
  const problems = opened.problems.filter((problem) => !problem.includes("404"));
  assert.equal(problems, []);
});

test.run();
