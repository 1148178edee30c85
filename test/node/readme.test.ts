import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What the compiler says to a file beside this package, with no types but those it brings. */
function compile(name: string, source: string): string {
  const folder = join(root, "dist", "consumer");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mts`);
  writeFileSync(file, source);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
  const args = [compiler, ...options, "--ignoreConfig", "--types", "", file];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).stdout;
}

test("the README's program compiles as strict TypeScript against the published types", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, program] = readme.match(/```ts\n([\s\S]*?)```/) ?? [];
  assert.ok(program?.includes("micrograph/node"));
  assert.is(compile("readme", program), "");
});

test("the core's types need no settings of the page's project", () => {
  const program = `import { requestDevice } from "micrograph";
    export const name = async () => (await requestDevice(navigator.gpu)).describe().adapter;`;
  assert.is(compile("page", program), "");
});

test.run();
