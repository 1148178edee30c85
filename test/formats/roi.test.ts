import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Outline } from "../../src/formats/outline.js";
import { readRoi, writeRoi } from "../../src/formats/roi.js";
import { readRoiSet, writeRoiSet } from "../../src/formats/roi-set.js";
import { writeZip } from "../../src/formats/zip.js";
import { messageOf } from "../errors.js";

const SQUARE = [2, 1, 4, 1, 4, 3, 2, 3];
const HOLE = [3, 1, 3, 2, 2, 2];
const back = (outline: Outline) => readRoi(writeRoi(outline), "a.roi");

test("a ring is a traced ROI with coordinates relative to its box, in 16 bits", () => {
  const bytes = writeRoi({ name: "7", polygons: [[SQUARE]] });
  const view = new DataView(bytes.buffer);
  assert.is(String.fromCharCode(...bytes.subarray(0, 4)), "Iout");
  assert.is(view.getUint8(6), 8);
  // Top, left, bottom, right, corners.
  const head = [8, 10, 12, 14, 16].map((at) => view.getInt16(at));
  assert.equal(head, [1, 2, 3, 4, 4]);
  const places = Array.from({ length: 8 }, (_, i) => view.getInt16(64 + 2 * i));
  assert.equal(places, [0, 2, 2, 0, 0, 0, 2, 2]);
  assert.equal(back({ name: "7", polygons: [[SQUARE]] }), {
    name: "7",
    polygons: [[SQUARE]],
    position: "",
  });
});

test("holes and parts make a composite ROI, of one path", () => {
  const roi = back({ name: "two", polygons: [[SQUARE, HOLE], [[9, 9, 10, 9, 10, 10]]] });
  assert.equal(roi.polygons, [[SQUARE, HOLE, [9, 9, 10, 9, 10, 10]]]);
});

test("coordinates above 16 bits, and fractions, survive a round trip", () => {
  for (const ring of [
    [70000, 5, 70002, 5, 70002, 8],
    [1.5, 2.25, 9, 2.25, 9, 7.75],
    [-3, -4, 5, -4, 5, 6],
  ]) {
    assert.equal(back({ name: "", polygons: [[ring]] }).polygons, [[ring]]);
  }
});

test("names in any script, and rings of more than 65,535 corners, survive a round trip", () => {
  const ring = Array.from({ length: 70000 }, (_, i) => [i % 300, Math.floor(i / 300)]).flat();
  const roi = back({ name: "Zelle 1 – ä", polygons: [[ring]] });
  assert.is(roi.name, "Zelle 1 – ä");
  assert.is(roi.polygons?.[0][0].length, 140000);
});

/** A ROI with changed 16-bit numbers in its header. */
function changed(places: Readonly<Record<number, number>>): Uint8Array {
  const bytes = writeRoi({ name: "x", polygons: [[SQUARE]] });
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(places)) view.setUint16(Number(at), value);
  return bytes;
}

test("lines, points and texts have no polygons", () => {
  for (const type of [3, 4, 5, 6, 9, 10]) {
    assert.is(readRoi(changed({ 6: type << 8 }), "a.roi").polygons, undefined, `type ${type}`);
  }
  assert.is(readRoi(changed({ 6: 1 << 8, 48: 1 }), "a.roi").polygons, undefined);
  assert.equal(readRoi(changed({ 6: 1 << 8 }), "a.roi").polygons, [[[2, 1, 4, 1, 4, 3, 2, 3]]]);
});

test("damaged files are refused in a sentence with their name", () => {
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(10), /^a\.roi: it is not a ROI file of ImageJ/],
    [changed({ 16: 900 }), /^a\.roi: it is a damaged ROI file \(it ends within its 900 corners/],
    [changed({ 6: 1 << 8, 36: 0x7fff }), /^a\.roi: it is a damaged ROI file \(it ends within its/],
    [
      changed({ 6: 1 << 8, 38: 4, 64: 0x4120, 66: 0 }),
      /a damaged ROI file \(its path has a step 10\)/,
    ],
  ];
  for (const [bytes, expected] of cases) {
    assert.match(
      messageOf(() => readRoi(bytes, "a.roi")),
      expected,
    );
  }
});

test("a set has a file per outline, with its name; ROIs without an area are counted in a remark", () => {
  const outlines = [
    { name: "2", polygons: [[SQUARE]] },
    { name: "10", polygons: [[SQUARE, HOLE]] },
  ];
  assert.equal(readRoiSet(writeRoiSet(outlines), "a.zip"), { outlines, remarks: [] });
  const line = { path: "line.roi", bytes: changed({ 6: 3 << 8 }) };
  const others = [
    { path: "a/b.roi", bytes: writeRoi(outlines[0]) },
    line,
    { path: "notes.txt", bytes: new Uint8Array(3) },
  ];
  const { outlines: found, remarks } = readRoiSet(writeZip(others), "a.zip");
  assert.equal(
    found.map(({ name }) => name),
    ["b"],
  );
  assert.equal(remarks, ["1 of its 2 ROIs are points, lines or texts, and are left out"]);
});

test("sets without ROIs, of lines only, or of several slices are refused", () => {
  const set = (...files: Uint8Array[]) =>
    writeZip(files.map((bytes, i) => ({ path: `${i}.roi`, bytes })));
  const empty = writeZip([{ path: "a.txt", bytes: new Uint8Array(1) }]);
  const refusal = (bytes: Uint8Array) => messageOf(() => readRoiSet(bytes, "a.zip"));
  assert.match(refusal(empty), /^a\.zip: it holds no ROI \(\.roi\), expected a set saved by/);
  assert.match(refusal(set(changed({ 6: 3 << 8 }))), /^a\.zip: none of its 1 ROIs has an area/);
  assert.match(
    refusal(set(changed({ 58: 1 }), changed({ 58: 2 }))),
    /^a\.zip: its ROIs lie on several slices or frames \(slice 1, slice 2\)/,
  );
  assert.match(refusal(set(new Uint8Array(70))), /^a\.zip, 0\.roi: it is not a ROI file of ImageJ/);
});

test("an archive that unpacks to many times its size is refused before it is unpacked", () => {
  const bytes = writeZip([{ path: "a.roi", bytes: new Uint8Array(1000), compress: true }]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // The unpacked size, in the directory at the archive's end, whose entries begin with PK 1 2.
  const list = bytes.findIndex((_, i) => i > 4 && view.getUint32(i) === 0x504b0102);
  view.setUint32(list + 24, 2 ** 31, true);
  assert.is(
    messageOf(() => readRoiSet(bytes, "a.zip")),
    `a.zip: its files of ${bytes.length} bytes unpack to over ${2 ** 25 + 16 * bytes.length}, expected less`,
  );
});

test.run();
