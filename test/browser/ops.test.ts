import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isInSample } from "../sample.js";
import type { loadFile, runTest } from "./collected.js";
import { openPage, type TestPage } from "./page.js";

const files = readdirSync(fileURLToPath(new URL("../ops", import.meta.url)), { recursive: true })
  .map((file) => String(file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".test.js"))
  .sort();

declare const it: {
  readonly loadFile: typeof loadFile;
  readonly runTest: typeof runTest;
  readonly files: Readonly<Record<string, () => Promise<unknown>>>;
};

let opened: TestPage;
test.before(async () => {
  const loads = files.map((file) => `"${file}": () => import("../ops/${file}")`);
  const source = `export { loadFile, runTest } from "./collected.js"; export const files = { ${loads} };`;
  opened = await openPage(source);
});
test.after(() => opened?.close());

for (const file of files) {
  test(`the checks of test/ops/${file.replace(/\.js$/, ".ts")} hold in a page`, async () => {
    const names = await opened.run((name) => it.loadFile(it.files[name]), file);
    assert.ok(names.length > 0, "no test ran");
    // Each separately: a file takes minutes on a busy machine, but a single test that does has
    // hung.
    const failed: string[] = [];
    for (const [i, name] of names.entries()) {
      if (!isInSample(`${file}: ${name}`, 5)) continue;
      const error = await opened.run((index) => it.runTest(index), i);
      if (error !== undefined) failed.push(`${name}: ${error}`);
    }
    assert.is(failed.join("\n"), "");
    assert.equal(opened.problems, []);
  });
}

test.run();
