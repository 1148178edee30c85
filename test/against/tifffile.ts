// `npm run against:tifffile -- FOLDER|FILE...`: decodes TIFF files with Micrograph and with
// Python's tifffile (or Pillow, if tifffile lacks a codec) and compares every number. Prints a row
// per file: ok, BAD, or refused with the reason. Exits with 1 if a file is read differently. PYTHON
// sets another Python than /usr/bin/python3.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Samples } from "../../src/data/image-types.js";
import { createJpegDecoder } from "../../src/formats/jpeg/index.js";
import { isTiff, openTiff } from "../../src/formats/tiff/index.js";
import { fileSource } from "../../src/node/file-source.js";

/** Of longer stacks the first pages are compared. */
const MOST_PAGES = 12;

const folder = mkdtempSync(join(tmpdir(), "micrograph-against-"));
const jpeg = await createJpegDecoder();
const lines: object[] = [];
let written = 0;

function store(numbers: Samples | undefined): object | undefined {
  if (numbers === undefined) return undefined;
  const file = join(folder, `${written++}.bin`);
  const { buffer, byteOffset, byteLength } = numbers;
  writeFileSync(file, new Uint8Array(buffer, byteOffset, byteLength));
  return { file, kind: numbers.constructor.name };
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

for (const file of process.argv.slice(2).flatMap(filesOf)) {
  const source = await fileSource(file);
  if (!isTiff(await source.read(0, 4))) continue;
  const start = performance.now();
  const row: Record<string, unknown> = { file, pages: [] };
  try {
    const stack = await openTiff(source, file, { decoders: { jpeg } });
    row.count = stack.pageCount;
    row.remarks = stack.remarks;
    for (let page = 0; page < Math.min(stack.pageCount, MOST_PAGES); page++) {
      const { data, indices, alpha, ...image } = await stack.page(page);
      const stored = { data: store(data), indices: store(indices), alpha: store(alpha) };
      (row.pages as object[]).push({ ...image, ...stored });
    }
  } catch (error) {
    row.error = (error as Error).message;
  }
  row.seconds = (performance.now() - start) / 1000;
  lines.push(row);
}

const list = join(folder, "files.json");
writeFileSync(list, JSON.stringify(lines));
// Relative to dist/test/against, where this file runs.
const script = fileURLToPath(new URL("../../../test/against/tifffile.py", import.meta.url));
const python = process.env.PYTHON ?? "/usr/bin/python3";
const { status, error } = spawnSync(python, [script, list], { stdio: "inherit" });
rmSync(folder, { recursive: true });
if (error) console.error(`${python}: ${error.message}`);
process.exitCode = status ?? 1;
