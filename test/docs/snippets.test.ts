// The code blocks and pictures of README and docs: TypeScript compiles against the published types,
// pictures are small.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { blocksOf, markdownFiles, root } from "./markdown.js";

const LANGUAGES = ["sh", "ts", "js", "python", "html", "json", "text", "mermaid"];

/**
 * Returns the compiler's messages for files next to this package, by default without types except
 * those of the package.
 */
function compile(sources: Readonly<Record<string, string>>, types = ""): string {
  const folder = join(root, "dist", "consumer");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(sources).map(([name, source]) => {
    const file = join(folder, `${name}.mts`);
    writeFileSync(file, source);
    return file;
  });
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
  const args = [compiler, ...options, "--ignoreConfig", "--types", types, ...files];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).stdout;
}

test("the TypeScript of README and docs compiles, strictly, against the published types", () => {
  const sources = { plain: {} as Record<string, string>, node: {} as Record<string, string> };
  for (const file of markdownFiles) {
    for (const { text, line } of blocksOf(file).filter(({ language }) => language === "ts")) {
      const group = text.includes('from "node:') ? sources.node : sources.plain;
      // A separate module, so that two pages may use the same name.
      group[`${file.replace(/\W/g, "-")}-line-${line}`] = `${text}\nexport {};`;
    }
  }
  assert.ok(Object.keys(sources.plain).length > 5);
  assert.is(compile(sources.plain), "");
  assert.is(compile(sources.node, "node"), "");
});

test("the core's types need no settings of the page's project", () => {
  const page = `import { requestDevice } from "micrograph";
    export const name = async () => (await requestDevice(navigator.gpu)).describe().adapter;`;
  assert.is(compile({ page }), "");
});

test("every code block has a language that the tests support", () => {
  const strangers = markdownFiles.flatMap((file) =>
    blocksOf(file)
      .filter(({ language }) => !LANGUAGES.includes(language))
      .map(({ line, language }) => `${file}:${line} ${language}`),
  );
  assert.equal(strangers, []);
});

test("the README is short", () => {
  const lines = readFileSync(join(root, "README.md"), "utf8").trimEnd().split("\n");
  assert.ok(lines.length <= 150, `${lines.length} lines`);
});

test("the pictures of the docs are small, and shown", () => {
  const folder = join(root, "docs", "pictures");
  const names = readdirSync(folder);
  const sizes = names.map((name) => statSync(join(folder, name)).size);
  assert.ok(Math.max(...sizes) <= 64_000, `${Math.max(...sizes)} bytes`);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(all <= 800_000, `${all} bytes`);
  const pages = markdownFiles.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  assert.equal(
    names.filter((name) => !pages.includes(`pictures/${name}`)),
    [],
  );
});

test.run();
