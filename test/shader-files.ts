// The files of shaders/ as they are, with comments and indentation.

import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../shaders/", import.meta.url);

/** The text of every file by its stem, in alphabetical order. */
export function shaderFiles(): Map<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".wgsl"));
  const stems = files.map((file) => file.slice(0, -".wgsl".length)).sort();
  const textOf = (stem: string) => readFileSync(new URL(`${stem}.wgsl`, folder), "utf8");
  return new Map(stems.map((stem) => [stem, textOf(stem)]));
}
