import { test } from "uvu";
import * as assert from "uvu/assert";
import { readGeoJson, writeGeoJson } from "../../src/formats/geojson.js";
import { messageOf } from "../errors.js";

const RING = [0, 0, 2, 0, 2, 2, 0, 2];
const HOLE = [1, 0, 1, 1, 0, 1];
const CLOSED = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
  [0, 0],
];

test("objects survive a round trip, with holes, parts and names", () => {
  const outlines = [
    { name: "1", polygons: [[RING, HOLE]] },
    { name: "Tumour", polygons: [[RING], [[5, 5, 6, 5, 6, 6]]] },
  ];
  assert.equal(readGeoJson(writeGeoJson(outlines), "a.geojson"), { outlines, remarks: [] });
  const { features } = JSON.parse(writeGeoJson(outlines));
  assert.equal(
    features.map(({ geometry }: { geometry: { type: string } }) => geometry.type),
    ["Polygon", "MultiPolygon"],
  );
});

test("QuPath's properties: type, name, class and measurements that are finite", () => {
  const classification = { name: "Nucleus", color: [200, 0, 0] as const };
  const measurements = { area_px2: 4, roundness: Number.NaN };
  const object = { name: "3", polygons: [[RING]], classification, measurements };
  const { features } = JSON.parse(writeGeoJson([object]));
  assert.equal(features[0].properties, {
    objectType: "detection",
    name: "3",
    classification: { name: "Nucleus", color: [200, 0, 0] },
    measurements: { area_px2: 4 },
  });
  assert.equal(JSON.parse(writeGeoJson([])), { type: "FeatureCollection", features: [] });
});

test("a list of features, a single one, a geometry, and collections of them are read", () => {
  const geometry = { type: "Polygon", coordinates: [CLOSED] };
  const feature = { type: "Feature", geometry, properties: null };
  const all = { type: "GeometryCollection", geometries: [geometry, geometry] };
  const read = (value: unknown) =>
    readGeoJson(`\uFEFF${JSON.stringify(value)}`, "a.geojson").outlines;
  for (const value of [[feature], feature, geometry]) {
    assert.equal(read(value), [{ name: "", polygons: [[RING]] }]);
  }
  assert.equal(read(all), [{ name: "", polygons: [[RING], [RING]] }]);
});

test("points and lines are counted in a remark, and names may be numbers", () => {
  const point = { type: "Feature", geometry: { type: "Point", coordinates: [1, 2] } };
  const named = {
    type: "Feature",
    properties: { name: 7 },
    geometry: { type: "Polygon", coordinates: [CLOSED] },
  };
  const { outlines, remarks } = readGeoJson(JSON.stringify([point, named]), "a.geojson");
  assert.equal(outlines, [{ name: "7", polygons: [[RING]] }]);
  assert.equal(remarks, ["1 of its 2 features are points or lines, and are left out"]);
});

test("errors name what is not GeoJSON, and what is broken in it", () => {
  const polygon = (coordinates: unknown) => ({ type: "Polygon", coordinates });
  const cases: readonly (readonly [unknown, string])[] = [
    [
      { classes: 2 },
      "it is not GeoJSON, expected an object with a type, such as FeatureCollection",
    ],
    [{ type: "FeatureCollection" }, "its features are missing, expected a list"],
    [[5], "feature 1: it is 5, expected an object"],
    [polygon(3), "feature 1: its rings are 3, expected a list"],
    [
      polygon([
        [
          [0, 0],
          [1, 1],
        ],
      ]),
      "feature 1: a ring has 2 corners, expected 4",
    ],
    [
      polygon([
        [
          [0, 0],
          [1, "a"],
          [2, 2],
        ],
      ]),
      'feature 1: a corner is [1,"a"], expected two numbers',
    ],
    [
      { type: "Circle" },
      "feature 1: its geometry is of type Circle, expected Polygon or MultiPolygon",
    ],
    [{ type: "Point" }, "none of its 1 features has an area, expected Polygon or MultiPolygon"],
  ];
  for (const [value, expected] of cases) {
    const got = messageOf(() => readGeoJson(JSON.stringify(value), "a.geojson"));
    assert.is(got, `a.geojson: ${expected}`);
  }
  assert.is(
    messageOf(() => readGeoJson("{", "a.geojson")),
    "a.geojson: it is not JSON",
  );
});

test.run();
