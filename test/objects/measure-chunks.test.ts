import { test } from "uvu";
import * as assert from "uvu/assert";
import { random } from "../../src/data/random.js";
import { cropPlane } from "../../src/objects/chunk-areas.js";
import { measureObjects, type ObjectMeasurements } from "../../src/objects/measure.js";
import { measureChunks } from "../../src/objects/measure-chunks.js";
import type { ObjectLabels } from "../../src/objects/object-labels.js";
import { separateObjects } from "../../src/objects/separate-objects.js";
import { adversarialPlanes } from "./chunked-shapes.js";

const next = random(11);
const images = Object.entries(adversarialPlanes()).map(([name, plane]) => {
  const labels = separateObjects(plane, { separation: 0.5, smallest: 0 });
  const count = plane.width * plane.height;
  const whole = Uint16Array.from({ length: 2 * count }, () => 65535 * next());
  return { name, labels, whole, fractions: Float32Array.from(whole, (value) => value / 65535) };
});

async function byChunks(
  { width, height, data }: ObjectLabels,
  image: Uint16Array | Float32Array,
  side: number,
): Promise<ObjectMeasurements[]> {
  const all = { x: 0, y: 0, width, height };
  const measured: ObjectMeasurements[] = [];
  const chunks = measureChunks(
    { width, height, side, read: async (area) => cropPlane(data, all, area) },
    {
      image: {
        channels: 2,
        async read(area) {
          const part = image.slice(0, 2 * area.width * area.height);
          for (let i = 0; i < part.length; i++) {
            const [c, pixel] = [Math.floor((2 * i) / part.length), i % (part.length / 2)];
            const [x, y] = [pixel % area.width, Math.floor(pixel / area.width)];
            part[i] = image[(c * height + area.y + y) * width + area.x + x];
          }
          return part;
        },
      },
      pixelSize: { x: 0.5, y: 0.4 },
    },
  );
  for await (const one of chunks) measured.push(one);
  return measured.sort((a, b) => a.label - b.label);
}

test("measurements by chunks are those of the whole image, to the bit", async () => {
  for (const { name, labels, whole } of images) {
    const { width, height } = labels;
    const image = { width, height, channels: 2, data: whole } as const;
    const expected = measureObjects(labels, { image, pixelSize: { x: 0.5, y: 0.4 } });
    for (const side of [5, 8, 13, 64]) {
      assert.equal(await byChunks(labels, whole, side), expected, `${name}, chunks of ${side}`);
    }
  }
});

test("the brightness of fractions agrees to the rounding of their sums", async () => {
  for (const { name, labels, fractions } of images) {
    const { width, height } = labels;
    const image = { width, height, channels: 2, data: fractions } as const;
    const expected = measureObjects(labels, { image });
    const found = await byChunks(labels, fractions, 8);
    assert.is(found.length, expected.length);
    for (const [i, { channels }] of found.entries()) {
      for (const [c, brightness] of channels.entries()) {
        for (const [key, value] of Object.entries(brightness)) {
          const wanted = expected[i].channels[c][key as keyof typeof brightness];
          // Sums of at most 1,681 numbers below 1 in 64 bits; roots of differences lose half of the digits.
          assert.ok(Math.abs(value - wanted) < 1e-7, `${name} ${key}: ${value}, ${wanted}`);
        }
      }
    }
  }
});

test.run();
