// The folders that README and docs name, with small images in them.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectedComponents } from "../../src/data/components.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodePng } from "../../src/node/png-files.js";
import { onnxBytes } from "../interchange/onnx-bytes.js";
import { smallOnnx } from "../interchange/small-onnx.js";
import { tiffFile } from "../node/tiff-fixture.js";

const SIDE = 96;
const SIZE = { width: SIDE, height: SIDE, bitDepth: 8 } as const;

/** Colours of the three classes, as docs/data.md has them. */
const COLOURS = [
  [0, 0, 0],
  [255, 255, 255],
  [212, 68, 47],
];

interface Pair {
  /** 0 to 255 */
  readonly image: Uint8Array;
  /** Class indices. */
  readonly label: Uint8Array;
}

function pair(seed: number, classes: 2 | 3 = 2): Pair {
  const { image, label } = syntheticSample({ seed, width: SIDE, height: SIDE, classes });
  return {
    image: Uint8Array.from(image.data, (value) => Math.round(255 * value)),
    label: Uint8Array.from(label.data),
  };
}

const grey = (data: Uint8Array) => encodePng({ ...SIZE, channels: 1, data });
const mask = ({ label }: Pair) => label.map((value) => 255 * value);
const inColours = ({ label }: Pair) =>
  encodePng({
    ...SIZE,
    channels: 3,
    data: Uint8Array.from([0, 1, 2].flatMap((c) => [...label].map((index) => COLOURS[index][c]))),
  });
const numbered = ({ label }: Pair) =>
  grey(Uint8Array.from(connectedComponents(label, SIDE, SIDE).labels));

/** The files by their paths. */
function files(): Record<string, Uint8Array> {
  const all: Record<string, Uint8Array> = { "unet.onnx": onnxBytes(smallOnnx) };
  const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((seed) => pair(seed));
  const tiff = (data: Uint8Array) => tiffFile([{ width: SIDE, height: SIDE, samples: [...data] }]);
  for (const [name, one] of Object.entries({ a, c })) {
    all[`my-data/images/${name}.png`] = grey(one.image);
    all[`my-data/labels/${name}.png`] = grey(mask(one));
  }
  all["my-data/images/b.tif"] = tiff(b.image);
  all["my-data/labels/b_mask.tif"] = tiff(mask(b));
  for (const [name, one] of Object.entries({ d, e })) {
    all[`my-data/new/${name}.png`] = grey(one.image);
    all[`my-data/new-labels/${name}.png`] = grey(mask(one));
  }
  for (const seed of [6, 7, 8]) {
    const classes = pair(seed, 3);
    const two = pair(seed);
    const folder = seed === 8 ? "new" : "images";
    const labels = seed === 8 ? "new-labels" : "labels";
    all[`class-data/${folder}/${seed}.png`] = grey(classes.image);
    all[`class-data/${labels}/${seed}.png`] = inColours(classes);
    all[`cells-data/images/${seed}.png`] = grey(two.image);
    all[`cells-data/labels/${seed}.png`] = numbered(two);
    all[`more-data/images/${seed}.png`] = grey(two.image);
    all[`more-data/labels/${seed}.png`] = grey(mask(two));
  }
  for (const slice of [18, 19, 20, 21, 22, 23, 24]) {
    const one = pair(slice);
    all[`em/image/${slice}.png`] = grey(one.image);
    all[`em/label/${slice}.png`] = grey(mask(one));
    if (slice >= 20) all[`em/held-out/${slice}.png`] = grey(mask(one));
  }
  return all;
}

/** Writes all of them below a folder. */
export function writeData(folder: string): void {
  for (const [path, bytes] of Object.entries(files())) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
