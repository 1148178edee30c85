// The files of shaders/ unchanged, with comments and indentation.

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

const folder = new URL("../../shaders/", import.meta.url);

/** The text of every file by its stem, in alphabetical order. */
export function shaderFiles(): Map<string, string> {
  const files = readdirSync(folder, { recursive: true }).map(String);
  const shaders = files.filter((file) => file.endsWith(".wgsl"));
  const stemOf = (file: string) => basename(file, ".wgsl");
  const textOf = (file: string) => readFileSync(new URL(file, folder), "utf8");
  return new Map(
    shaders
      .map((file) => [stemOf(file), textOf(file)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
