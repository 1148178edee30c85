// The code blocks of README and docs, in order.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Block {
  /** "sh", "ts", "html" ...; "" if the fence has none. */
  readonly language: string;
  readonly text: string;
  /** Of the first line of the text, from 1. */
  readonly line: number;
}

/** README.md and the files of docs/, by their paths from the root. */
export const markdownFiles: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .sort(),
];

/** Returns the contents of fenced blocks in a markdown file. */
export function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [i, line] of readFileSync(join(root, file), "utf8").split("\n").entries()) {
    if (!line.startsWith("```")) open?.lines.push(line);
    else if (open) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join("\n") });
      open = undefined;
    } else open = { language: line.slice(3).trim(), line: i + 2, lines: [] };
  }
  if (open) throw new Error(`${file}:${open.line - 1}: the code block has no end`);
  return blocks;
}
