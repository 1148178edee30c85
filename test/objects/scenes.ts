// Label images to measure: drawn ones with all special kinds of objects, and random ones of any size.

import { random, randomInteger } from "../../src/data/random.js";
import type { ObjectLabels } from "../../src/objects/object-labels.js";

/** An image of objects from a drawing: a row per word, "." is background, digits and letters are numbers. */
export function drawnLabels(drawing: string): ObjectLabels {
  const rows = drawing.trim().split(/\s+/);
  const data = Int32Array.from([...rows.join("")], (sign) =>
    sign === "." ? 0 : Number.parseInt(sign, 36),
  );
  const count = data.reduce((most, number) => Math.max(most, number), 0);
  return { width: rows[0].length, height: rows.length, data, count };
}

/** A single pixel, lines in all directions, a square, a disc, a ring, two parts, touching corners. */
export const ODD_OBJECTS = `
  1........2222.....3
  ..4...............3
  ...4...5555..666..3
  ....4..5555.66666.3
  .....4.5555.66666.3
  .......5555.66666.3
  .............666..3
  ..77777............
  ..7...7...8.....999
  ..7...7....8...999.
  ..7...7.......999..
  ..77777.......9....
  .......aa......bb..
  .......aa..b...bb..
  .........cc........
  ...dd....cc.e.e.e..
  dd..dd......eeeee.f
  ddddddd.....e.e.eff`;

/** Random blobs of a few pixels to a few hundred, some with holes, some in parts, some at the border. */
export function randomLabels(width: number, height: number, blobs: number, seed = 1): ObjectLabels {
  const next = random(seed, width, height);
  const data = new Int32Array(width * height);
  for (let blob = 1; blob <= blobs; blob++) {
    const [cx, cy] = [next() * width, next() * height];
    const [a, b] = [0.5 + (next() * width) / 6, 0.5 + (next() * height) / 6];
    const angle = next() * Math.PI;
    const hollow = next() < 0.3 ? 0.3 : 0;
    const rough = next() * 0.5;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [x - cx, y - cy];
        const u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / a;
        const v = (dy * Math.cos(angle) - dx * Math.sin(angle)) / b;
        const radius = u * u + v * v + rough * (next() - 0.5);
        if (radius < 1 && radius >= hollow) data[y * width + x] = blob;
      }
    }
  }
  return renumber(data, width, height);
}

/** Random numbers at each pixel: objects of many parts that touch everywhere. */
export function noiseLabels(
  width: number,
  height: number,
  numbers: number,
  seed = 1,
): ObjectLabels {
  const next = random(seed, width, height);
  const data = Int32Array.from({ length: width * height }, () => randomInteger(next, numbers + 1));
  return renumber(data, width, height);
}

function renumber(data: Int32Array, width: number, height: number): ObjectLabels {
  const known = new Map<number, number>([[0, 0]]);
  const labels = data.map((number) => {
    const label = known.get(number) ?? known.size;
    known.set(number, label);
    return label;
  });
  return { width, height, data: labels, count: known.size - 1 };
}
