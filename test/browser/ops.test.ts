import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { runFile } from "./collected.js";
import { openPage, type TestPage } from "./page.js";

const files = readdirSync(fileURLToPath(new URL("../ops", import.meta.url)))
  .filter((file) => file.endsWith(".test.js"))
  .sort();

declare const it: {
  readonly runFile: typeof runFile;
  readonly files: Readonly<Record<string, () => Promise<unknown>>>;
};

let opened: TestPage;
test.before(async () => {
  const loads = files.map((file) => `"${file}": () => import("../ops/${file}")`);
  const source = `export { runFile } from "./collected.js"; export const files = { ${loads} };`;
  opened = await openPage(source);
});
test.after(() => opened?.close());

for (const file of files) {
  test(`the checks of test/ops/${file.replace(/\.js$/, ".ts")} hold in a page`, async () => {
    const outcomes = await opened.run((name) => it.runFile(it.files[name]), file);
    assert.ok(outcomes.length > 0, "no test ran");
    const failed = outcomes.flatMap(({ name, error }) => (error ? `${name}: ${error}` : []));
    assert.is(failed.join("\n"), "");
    assert.equal(opened.problems, []);
  });
}

test.run();
