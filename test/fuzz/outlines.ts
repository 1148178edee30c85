// Outlines of objects: ROI files, sets of them, and GeoJSON; of objects they come back as the same pixels.

import fc, { type Arbitrary } from "fast-check";
import { writeGeoJson } from "../../src/formats/geojson.js";
import type { Outline } from "../../src/formats/outline.js";
import { writeRoi } from "../../src/formats/roi.js";
import { writeRoiSet } from "../../src/formats/roi-set.js";
import { writeZip } from "../../src/formats/zip.js";
import { fillOutlines } from "../../src/objects/fill-outlines.js";
import type { ObjectLabels } from "../../src/objects/object-labels.js";
import { geoJsonOf, readOutlines, roiSetOf } from "../../src/objects/outline-files.js";
import { damaged } from "./damage.js";
import { changedJson } from "./json.js";
import { assertSame, type FuzzKind, fuzzKind, outcome } from "./kind.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Objects of any shape, also of parts that touch by a corner only or not at all: every number occurs. */
const objects: Arbitrary<ObjectLabels> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(5))
  .chain(([width, height, most]) => {
    const size = { minLength: width * height, maxLength: width * height };
    return fc.array(fc.nat(most), size).map((values) => {
      const numbers = [...new Set(values)].filter((value) => value > 0);
      const data = Int32Array.from(values, (value) => numbers.indexOf(value) + 1);
      return { width, height, data, count: numbers.length };
    });
  });

/** Places within a file: whole ones, also beyond 16 bits and below 0, and ones between pixels. */
const place = fc.oneof(
  fc.nat(60),
  fc.integer({ min: -4000, max: 100_000 }),
  fc.nat(4000).map((value) => value / 64),
);
const ring = fc.array(place, { minLength: 6, maxLength: 24 }).map((all) => {
  return all.slice(0, all.length - (all.length % 2));
});
const outline: Arbitrary<Outline> = fc.record({
  name: fc.oneof(fc.nat(400).map(String), fc.string({ unit: "grapheme", maxLength: 9 })),
  polygons: fc.array(fc.array(ring, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 2,
  }),
});
const outlines = fc.uniqueArray(outline, {
  minLength: 1,
  maxLength: 4,
  selector: ({ name }) => name,
});

const named = outlines.map((all) => all.map((one, i) => ({ ...one, name: `${i + 1}` })));
const roiFiles = fc.oneof(
  outline.map(writeRoi),
  named.map(writeRoiSet),
  // Not compressed, so that damage reaches the ROIs.
  named.map((all) =>
    writeZip(all.map((one) => ({ path: `${one.name}.roi`, bytes: writeRoi(one) }))),
  ),
);
const geoJsons = outlines.map((all) => JSON.parse(writeGeoJson(all)));

const IMAGE = { width: 40, height: 30 };

/** Reads a file and draws it: right numbers or a sentence. */
async function drawn(bytes: Uint8Array, name: string): Promise<number> {
  const read = await outcome(name, () => readOutlines(bytes, name));
  if ("refusal" in read) return 0;
  const filled = await outcome(name, () => fillOutlines(read.value, IMAGE, name));
  if ("refusal" in filled) return 0;
  const { data } = filled.value.image;
  assertSame(data.length, IMAGE.width * IMAGE.height, "pixels");
  assertSame(
    data.some((value) => value > 0),
    true,
    "an object",
  );
  return data.length;
}

export const outlineKinds: readonly FuzzKind[] = [
  fuzzKind("outlines-of-objects", 4, objects, async (labels) => {
    const files = { "a.zip": roiSetOf(labels), "a.geojson": bytesOf(geoJsonOf(labels)) };
    for (const [name, bytes] of Object.entries(files)) {
      if (labels.count === 0) {
        const read = await outcome(name, () => readOutlines(bytes, name));
        assertSame("refusal" in read, true, "a file without objects is refused");
        continue;
      }
      const { image, remarks } = fillOutlines(readOutlines(bytes, name), labels, name);
      assertSame([[...image.data], remarks], [[...labels.data], []], name);
    }
    return labels.data.length;
  }),
  fuzzKind("geojson", 2, outlines, (all) => {
    const read = readOutlines(bytesOf(writeGeoJson(all)), "a.geojson");
    const closed = all.map((one) => ({ ...one, polygons: one.polygons.map(opened) }));
    assertSame(read.outlines, closed, "outlines");
    return 0;
  }),
  fuzzKind("roi", 2, outline, (one) => {
    const { outlines: read } = readOutlines(writeRoi(one), "a.roi");
    assertSame(read.length, 1, "outlines");
    // A file has one list of rings: which belong together is for their areas to say.
    assertSame([read[0].name, read[0].polygons.flat()], [one.name, one.polygons.flat()], "outline");
    return 0;
  }),
  fuzzKind("roi-damaged", 6, damaged(roiFiles), (bytes) => drawn(bytes, "a.zip")),
  fuzzKind("geojson-damaged", 6, changedJson(geoJsons), (text) =>
    drawn(bytesOf(text), "a.geojson"),
  ),
  fuzzKind(
    "geojson-bytes",
    2,
    damaged(geoJsons.map((one) => bytesOf(JSON.stringify(one)))),
    (bytes) => drawn(bytes, "a.geojson"),
  ),
];

/** A ring whose last corner is its first one is closed as it is. */
function opened(polygon: readonly (readonly number[])[]): number[][] {
  return polygon.map((corners) => {
    const [x, y] = corners.slice(-2);
    const isClosed = corners[0] === x && corners[1] === y;
    return isClosed ? corners.slice(0, -2) : [...corners];
  });
}
