// `npm run against:scikit-image`: measures drawn and random label images with Micrograph and with
// scikit-image's `regionprops`, and compares every number. Prints a row per image and the largest
// difference of each measurement; exits with 1 if one is above 1e-6. PYTHON sets another Python
// than /usr/bin/python3. `-- --golden` prints the values of scikit-image for the drawn objects, as
// stored in test/objects/measure.test.ts.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { random } from "../../src/data/random.js";
import { measureObjects } from "../../src/objects/measure.js";
import type { ObjectLabels } from "../../src/objects/object-labels.js";
import { drawnLabels, noiseLabels, ODD_OBJECTS, randomLabels } from "../objects/scenes.js";

const scenes: Readonly<Record<string, ObjectLabels>> = {
  "odd objects": drawnLabels(ODD_OBJECTS),
  ...Object.fromEntries(
    [1, 2, 3, 4].map((seed) => [`blobs ${seed}`, randomLabels(97, 61, 14, seed)]),
  ),
  "large blobs": randomLabels(700, 500, 12, 5),
  noise: noiseLabels(40, 30, 60),
};

const images = Object.entries(scenes).flatMap(([name, labels]) =>
  [undefined, { x: 0.325, y: 0.325 }, { x: 0.5, y: 0.2 }].map((pixelSize) => {
    const { width, height } = labels;
    const next = random(7, width, height);
    const length = 2 * width * height;
    const data = Uint16Array.from({ length }, () => Math.floor(65536 * next()));
    const image = { width, height, channels: 2, data };
    const objects = measureObjects(labels, { image, ...(pixelSize ? { pixelSize } : {}) });
    return { name, width, height, labels: [...labels.data], image: [...data], pixelSize, objects };
  }),
);

const folder = mkdtempSync(join(tmpdir(), "micrograph-against-"));
const list = join(folder, "measured.json");
writeFileSync(list, JSON.stringify(images));
// Relative to dist/test/against, where this file runs.
const script = fileURLToPath(new URL("../../../test/against/scikit-image.py", import.meta.url));
const python = process.env.PYTHON ?? "/usr/bin/python3";
const { status, error } = spawnSync(python, [script, list, ...process.argv.slice(2)], {
  stdio: "inherit",
});
rmSync(folder, { recursive: true });
if (error) console.error(`${python}: ${error.message}`);
process.exitCode = status ?? 1;
