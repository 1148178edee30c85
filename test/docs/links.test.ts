// Links between the texts of the repository.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { anchorsOf, brokenMarkdownLinks } from "./markdown-links.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const OTHERS = new Set(["node_modules", "dist", ".git", "runs", "shared", "predictions"]);

function markdownFiles(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return OTHERS.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

test("every link of a text leads to a file and a heading that exist", () => {
  const files = markdownFiles();
  assert.ok(files.includes("README.md") && files.includes(join("docs", "options.md")));
  const broken = files.flatMap((file) => brokenMarkdownLinks(root, file));
  assert.is(broken.join("\n"), "");
});

test("a link to a missing file, a missing heading or out of the repository is found", () => {
  const folder = mkdtempSync(join(tmpdir(), "micrograph-links-"));
  try {
    writeFileSync(join(folder, "there.md"), "# A `heading`, twice\n\n## A heading, twice\n");
    writeFileSync(
      join(folder, "text.md"),
      [
        '[a](there.md) [b](there.md#a-heading-twice-1) [c](#here) ![d](<there.md> "title")',
        "[e](gone.md) [f](there.md#gone) [g](../out.md) [h]( #nowhere ) [i]()",
        '<img alt="" src="gone.png"> [j][k] <a href="there.md#a-heading-twice">l</a>',
        "`[m](code.md)` [n](https://example.org/gone)",
        "```sh\n[o](fenced.md)\n```",
        "",
        "[k]: gone-too.md",
        "## Here",
      ].join("\n"),
    );
    assert.equal(brokenMarkdownLinks(folder, "text.md"), [
      "text.md: gone.md leads to no file",
      "text.md: there.md#gone leads to no heading",
      "text.md: ../out.md leads out of the repository",
      "text.md: #nowhere leads to no heading",
      "text.md: an empty link leads nowhere",
      "text.md: gone-too.md leads to no file",
      "text.md: gone.png leads to no file",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("anchors are those of headings, without punctuation, numbered if they repeat", () => {
  const text =
    "# Kernels: 3x3, `f16` & more\n## [A link](x.md)\n```\n# no heading\n```\n## A link\n";
  assert.equal([...anchorsOf(text)], ["kernels-3x3-f16--more", "a-link", "a-link-1"]);
});

test.run();
