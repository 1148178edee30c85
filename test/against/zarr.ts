// `npm run against:zarr`: stores written by Debian's python3-zarr, of every compressor, type and order, are
// read here; a prediction written here is read by python3-zarr. Every number is compared. PYTHON sets another
// Python than /usr/bin/python3. `-- --write` stores what python3-zarr wrote, for `npm test`.

import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folderStore } from "../../src/node/folder-store.js";
import { openSlideAt } from "../../src/node/slide-file.js";
import { planeDigest, predictStandIn, storeDigests } from "../slides/digests.js";
import { writeZarr } from "../slides/zarr-image.js";
import { micrograph } from "./cluster-data.js";

const script = fileURLToPath(new URL("../../../test/against/python-zarr.py", import.meta.url));
const golden = fileURLToPath(new URL("../../../test/slides/python-zarr.json", import.meta.url));
const python = (...args: string[]) =>
  execFileSync(process.env.PYTHON ?? "/usr/bin/python3", [script, ...args], { encoding: "utf8" });

let failures = 0;
function compare(what: string, isEqual: boolean): void {
  console.log(`${what.padEnd(40)} ${isEqual ? "equal" : "DIFFERENT"}`);
  if (!isEqual) failures++;
}

/** Compares the arrays of a store as they are read here and by python3-zarr; returns the latter. */
function compareWritten(
  what: string,
  store: string,
  ours: Awaited<ReturnType<typeof storeDigests>>,
) {
  const theirs = JSON.parse(python("read", store));
  for (const [path, found] of Object.entries(ours)) {
    compare(`${what}: ${path}`, JSON.stringify(found) === JSON.stringify(theirs[path]));
  }
  compare(`${what}: the same arrays`, Object.keys(ours).join() === Object.keys(theirs).join());
  return theirs;
}

const folder = await mkdtemp(join(tmpdir(), "micrograph-zarr-"));
try {
  python("write", folder);
  const expected = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
  const stores: Record<string, { digest: string; files: Record<string, string> }> = {};
  for (const [name, digest] of Object.entries<string>(expected)) {
    const path = join(folder, `${name}.zarr`);
    compare(`read: ${name}`, (await planeDigest(await openSlideAt(path))) === digest);
    // Enough to notice a change of a decoder.
    if (!(name.startsWith("blosc-lz4") || name.endsWith("u2-C"))) continue;
    const files: Record<string, string> = {};
    for (const file of await readdir(path, { recursive: true })) {
      const found = join(path, file);
      if ((await stat(found)).isFile()) files[file] = (await readFile(found)).toString("base64");
    }
    stores[name] = { digest, files };
  }
  const job = await predictStandIn(join(folder, "out"), "0.4");
  const theirs = compareWritten("written", job.final, await storeDigests(job.final));
  // Nuclei as the command finds them.
  const slide = join(folder, "cells.ome.zarr");
  await writeZarr(folderStore(slide), {
    ...{ version: "0.4", axes: "yx", shape: [260, 300], chunks: [64, 64], type: "uint8" },
    value: ([y, x]) => (((y % 30) - 15) ** 2 + ((x % 30) - 15) ** 2 < 100 ? 200 - (x >> 2) : 20),
  });
  const out = join(folder, "cells");
  const options = ["--checkpoint", "nuclei", "--chunk", "128", "--objects"];
  await micrograph(["predict", "--input", slide, "-o", out, ...options]);
  const cells = join(out, "cells.ome.zarr");
  compareWritten("predict --objects", cells, await storeDigests(cells, ["classes", "objects"]));
  if (process.argv.includes("--write")) {
    await writeFile(golden, `${JSON.stringify({ stores, prediction: theirs }, null, 1)}\n`);
  }
} finally {
  await rm(folder, { recursive: true });
}
if (failures > 0) process.exitCode = 1;
