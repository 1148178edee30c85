import { test } from "uvu";
import * as assert from "uvu/assert";
import { fillOutlines } from "../../src/objects/fill-outlines.js";
import { measureObjects } from "../../src/objects/measure.js";
import type { ObjectLabels } from "../../src/objects/object-labels.js";
import { geoJsonOf, readOutlines, roiSetOf } from "../../src/objects/outline-files.js";
import { traceOutlines } from "../../src/objects/trace-outlines.js";
import { messageOf } from "../errors.js";
import { drawnLabels, noiseLabels, ODD_OBJECTS, randomLabels } from "./scenes.js";

const encoded = (text: string) => new TextEncoder().encode(text);

/** The label image that a file of outlines draws. */
function drawn(bytes: Uint8Array, { width, height }: { width: number; height: number }) {
  return fillOutlines(readOutlines(bytes, "a.zip"), { width, height }, "a.zip");
}

/** All kinds of shapes: holes, parts, touching corners, objects inside others, borders, single pixels. */
const SCENES: Readonly<Record<string, ObjectLabels>> = {
  odd: drawnLabels(ODD_OBJECTS),
  full: drawnLabels("11 11"),
  "hole of two pixels that touch in a corner": drawnLabels("11111 11.11 1.111 11111 11111"),
  "closed by a corner": drawnLabels("111. 1.1. 1..1 1111"),
  "closed by corners on all sides": drawnLabels(".111. 1...1 1...1 1...1 .111."),
  nested: drawnLabels("1111111 1.....1 1.222.1 1.2.2.1 1.222.1 1.....1 1111111"),
  chess: drawnLabels("1.1.1 .1.1. 1.1.1 .2.2. 2.2.2"),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((seed) => [`blobs ${seed}`, randomLabels(70, 50, 9, seed)]),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((seed) => [`noise ${seed}`, noiseLabels(23, 17, seed, seed)]),
  ),
};

for (const [name, labels] of Object.entries(SCENES)) {
  test(`outlines give the same pixels through ROI sets and GeoJSON: ${name}`, () => {
    const files = [roiSetOf(labels), encoded(geoJsonOf(labels))];
    for (const bytes of files) {
      const { image, remarks } = drawn(bytes, labels);
      assert.equal([...image.data], [...labels.data]);
      assert.equal(remarks, []);
    }
  });
}

test("no ring touches itself; areas are on its right and holes on its left", () => {
  for (const labels of Object.values(SCENES)) {
    for (const polygon of traceOutlines(labels).flat()) {
      for (const [i, ring] of polygon.entries()) {
        const corners = new Set<string>();
        let double = 0;
        for (let k = 0; k < ring.length; k += 2) {
          const j = (k + 2) % ring.length;
          corners.add(`${ring[k]},${ring[k + 1]}`);
          double += ring[k] * ring[j + 1] - ring[j] * ring[k + 1];
          const isStep = (ring[k] === ring[j]) !== (ring[k + 1] === ring[j + 1]);
          assert.ok(isStep, "along rows and columns only");
        }
        assert.is(corners.size, ring.length / 2, "each corner once");
        assert.ok(i === 0 ? double > 0 : double < 0, "a hole goes the other way");
      }
    }
  }
});

test("numbers with gaps are used as names, and read back as numbers", () => {
  const labels = drawnLabels("1.2.3");
  const numbers = [7, 40, 4000000000];
  for (const bytes of [roiSetOf(labels, { numbers }), encoded(geoJsonOf(labels, { numbers }))]) {
    assert.equal([...drawn(bytes, labels).image.data], [7, 0, 40, 0, 4000000000]);
  }
});

test("equal labels give equal bytes", () => {
  const labels = randomLabels(40, 40, 5);
  assert.equal(roiSetOf(labels), roiSetOf(labels));
  // The time of a file in the archive: midnight of the first day that zip can represent.
  const { 10: a, 11: b, 12: c, 13: d } = roiSetOf(labels);
  assert.equal([a, b, c, d], [0, 0, 0x21, 0]);
});

test("each feature has its measurements, with the names of the table", () => {
  const labels = drawnLabels("1.22");
  const measured = { file: "a", objects: measureObjects(labels) };
  const { features } = JSON.parse(geoJsonOf(labels, { measured, objectType: "annotation" }));
  const [, { properties, geometry }] = features;
  assert.is(properties.objectType, "annotation");
  assert.is(properties.name, "2");
  assert.is(properties.measurements.area_px2, 2);
  assert.not.ok("file" in properties.measurements);
  assert.equal(geometry, {
    type: "Polygon",
    coordinates: [
      [
        [2, 0],
        [4, 0],
        [4, 1],
        [2, 1],
        [2, 0],
      ],
    ],
  });
});

const feature = (coordinates: unknown, name?: string, type = "Polygon") => {
  return { type: "Feature", properties: { name }, geometry: { type, coordinates } };
};
const square = (x: number, y: number, side: number) => [
  [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ],
];
const collection = (...features: unknown[]) =>
  encoded(JSON.stringify({ type: "FeatureCollection", features }));

test("a pixel belongs to an outline if its centre does", () => {
  const triangle = feature([
    [
      [0, 0],
      [4, 0],
      [0, 4],
    ],
  ]);
  const { image } = drawn(collection(triangle), { width: 4, height: 4 });
  assert.equal([...image.data].join(""), "1110110010000000");
});

test("if names are not different numbers, objects are numbered in the order of the file", () => {
  const bytes = collection(feature(square(0, 0, 1), "9"), feature(square(1, 0, 1), "9"));
  assert.equal([...drawn(bytes, { width: 2, height: 1 }).image.data], [1, 2]);
  const words = collection(feature(square(0, 0, 1), "Tumour"), feature(square(1, 0, 1)));
  assert.equal([...drawn(words, { width: 2, height: 1 }).image.data], [1, 2]);
});

test("where outlines overlap the later one is on top, and a remark says so", () => {
  const bytes = collection(feature(square(0, 0, 2)), feature(square(1, 0, 2)));
  const { image, remarks } = drawn(bytes, { width: 3, height: 2 });
  assert.equal([...image.data], [1, 2, 2, 1, 2, 2]);
  assert.equal(remarks, [
    "a.zip: outlines overlap in 2 pixels, which the later one in the file gets",
  ]);
});

test("outlines outside the image are cut off or reported; if all are, it is an error", () => {
  const far = feature(square(50, 50, 3));
  const { image, remarks } = drawn(collection(feature(square(-1, -1, 2)), far), {
    width: 2,
    height: 2,
  });
  assert.equal([...image.data], [1, 0, 0, 0]);
  assert.equal(remarks, ["a.zip: 1 of 2 outlines have no pixel in the image"]);
  assert.match(
    messageOf(() => drawn(collection(far), { width: 2, height: 2 })),
    /^a\.zip: none of its 1 outlines has a pixel in the image of 2x2 pixels: does it belong/,
  );
});

test("outlines that cover the image many times are refused before they take minutes", () => {
  const zigzag = Array.from({ length: 60000 }, (_, i) => [i % 100, i % 2 === 0 ? -1e9 : 1e9]);
  const many = Array.from({ length: 6 }, () => feature([zigzag]));
  assert.match(
    messageOf(() => drawn(collection(...many), { width: 100, height: 100 })),
    /^a\.zip: its 6 outlines cover the image of 100x100 pixels more than 64 times/,
  );
});

test.run();
