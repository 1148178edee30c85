// `npm run against:imagej`: writes ROI sets of drawn and random objects, which ImageJ reads, and reads ROIs of
// every kind that ImageJ writes; the pixels must be the same, and ImageJ's MinFeret ours. Needs Java with its
// compiler and ImageJ's ij.jar: Debian's imagej and openjdk-17-jdk-headless, or IJ_JAR names another one.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fillOutlines } from "../../src/objects/fill-outlines.js";
import { measureObjects } from "../../src/objects/measure.js";
import { readOutlines, roiSetOf } from "../../src/objects/outline-files.js";
import { drawnLabels, noiseLabels, ODD_OBJECTS, randomLabels } from "../objects/scenes.js";

/** Of curves and of edges through the middles of pixels ImageJ may take a few pixels more or fewer. */
const MOST_DIFFERENT = 8;

const scenes = {
  odd: drawnLabels(ODD_OBJECTS),
  blobs: randomLabels(90, 70, 20),
  large: randomLabels(400, 300, 30, 3),
  noise: noiseLabels(30, 20, 4),
};
const folder = mkdtempSync(join(tmpdir(), "micrograph-against-"));
const [ours, theirs] = ["ours", "theirs"].map((name) => join(folder, name));
for (const one of [ours, theirs]) mkdirSync(one);
const setOf = (name: string, width: number, height: number) =>
  join(ours, `${name}-${width}x${height}.zip`);
for (const [name, labels] of Object.entries(scenes)) {
  writeFileSync(setOf(name, labels.width, labels.height), roiSetOf(labels));
}
// Seen from dist/test/against, where this file runs.
const script = fileURLToPath(new URL("../../../test/against/ImageJRois.java", import.meta.url));
const jar = process.env.IJ_JAR ?? "/usr/share/java/ij.jar";
const run = spawnSync("java", ["-cp", jar, script, ours, theirs], { stdio: "inherit" });
if (run.status !== 0) throw new Error(`java: ${run.error?.message ?? `exit code ${run.status}`}`);

let bad = 0;
function tell(isRight: boolean, text: string): void {
  if (!isRight) bad++;
  console.log(`${isRight ? "ok " : "BAD"} ${text}`);
}

const linesOf = (file: string) => readFileSync(file, "utf8").trim().split("\n");
const differences = (a: ArrayLike<number>, b: readonly number[]) =>
  b.filter((value, i) => value !== a[i]).length;

for (const [name, labels] of Object.entries(scenes)) {
  const { width, height, data, count } = labels;
  const lines = linesOf(`${setOf(name, width, height)}.txt`);
  const read = lines.slice(0, height).flatMap((line) => line.split(" ").map(Number));
  const off = differences(data, read);
  tell(off === 0, `${name}: ${count} ROIs written here, ${off} pixels differ in ImageJ`);
  const objects = measureObjects(labels);
  const widths = lines.slice(height).map((line) => line.split(" ").map(Number));
  const furthest = widths.map(([number, width]) =>
    Math.abs(objects[number - 1].pixels.feretMin - width),
  );
  const most = Math.max(...furthest);
  tell(most < 1e-6, `${name}: MinFeret differs by ${most.toExponential(1)} at most`);
}
for (const file of readdirSync(theirs).filter((name) => name.endsWith(".roi"))) {
  const path = join(theirs, file);
  const { image } = fillOutlines(
    readOutlines(readFileSync(path), file),
    { width: 60, height: 50 },
    file,
  );
  const expected = linesOf(path.replace(/roi$/, "txt")).flatMap((line) =>
    line.split(" ").map(Number),
  );
  const off = differences(image.data, expected);
  const isExact = /^(rectangle|hole|two)\./.test(file);
  tell(
    off <= (isExact ? 0 : MOST_DIFFERENT),
    `${file} written by ImageJ: ${off} pixels differ here`,
  );
}
rmSync(folder, { recursive: true });
process.exitCode = bad > 0 ? 1 : 0;
