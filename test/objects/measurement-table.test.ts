import { test } from "uvu";
import * as assert from "uvu/assert";
import { measureObjects } from "../../src/objects/measure.js";
import { measurementsCsv } from "../../src/objects/measurement-table.js";
import { drawnLabels } from "./scenes.js";

const rowsOf = (text: string) => text.split("\n").map((line) => line.split(","));

test("a table has a row per object, the file first, then the label", () => {
  const objects = measureObjects(drawnLabels("1.22 ..22"));
  const [head, one, two, end] = rowsOf(measurementsCsv([{ file: "a.tif", objects }]));
  assert.equal(head.slice(0, 4), ["file", "label", "area_px2", "perimeter_px"]);
  assert.equal(one.slice(0, 4), ["a.tif", "1", "1", "0"]);
  assert.equal(two.slice(0, 4), ["a.tif", "2", "4", "4"]);
  assert.equal(end, [""]);
  assert.is(one[head.indexOf("roundness")], "");
  assert.is(head.length, one.length);
});

test("columns have their unit in the name and the same order for every set", () => {
  const image = { width: 2, height: 1, channels: 1, data: Uint8Array.of(3, 4) };
  const pixelSize = { x: 0.25, y: 0.5 };
  const objects = measureObjects(drawnLabels("11"), { image, pixelSize });
  const [head, row] = rowsOf(measurementsCsv([{ file: "a", objects, pixelSize }]));
  assert.is(
    head.join(" "),
    "file label area_px2 perimeter_px equivalent_diameter_px feret_max_px feret_min_px " +
      "major_axis_px minor_axis_px centroid_x_px centroid_y_px box_x_px box_y_px box_width_px " +
      "box_height_px eccentricity solidity roundness circularity touches_border neighbours " +
      "area_um2 perimeter_um equivalent_diameter_um feret_max_um feret_min_um major_axis_um " +
      "minor_axis_um centroid_x_um centroid_y_um box_x_um box_y_um box_width_um box_height_um " +
      "pixel_width_um pixel_height_um mean_c1 sum_c1 sd_c1 min_c1 max_c1",
  );
  assert.is(row[head.indexOf("area_um2")], "0.25");
  assert.is(row[head.indexOf("mean_c1")], "3.5");
  assert.is(row[head.indexOf("touches_border")], "1");
});

test("images with fewer channels or without a pixel size have empty cells", () => {
  const image = { width: 1, height: 1, channels: 2, data: Uint8Array.of(3, 4) };
  const pixelSize = { x: 1, y: 1 };
  const labels = drawnLabels("1");
  const csv = measurementsCsv([
    { file: "a", objects: measureObjects(labels) },
    { file: "b", objects: measureObjects(labels, { image, pixelSize }), pixelSize },
  ]);
  const [head, a, b] = rowsOf(csv);
  for (const name of ["area_um2", "pixel_width_um", "mean_c1", "max_c2"]) {
    assert.is(a[head.indexOf(name)], "", name);
    assert.is.not(b[head.indexOf(name)], "", name);
  }
});

test("file names are quoted if CSV requires it, and numbers do not depend on the locale", () => {
  const objects = measureObjects(drawnLabels("1"), { numbers: [4000000000] });
  const line = (file: string) =>
    measurementsCsv([{ file, objects }]).split("\n").slice(1).join("\n");
  assert.match(line("a,b.tif"), /^"a,b\.tif",4000000000,1,/);
  assert.match(line('the "first"'), /^"the ""first""",/);
  assert.match(line("two\nlines"), /^"two\nlines",/);
  assert.match(line("plain name ä"), /^plain name ä,/);
});

test("numbers read back as the same 64 bits", () => {
  const image = { width: 3, height: 1, channels: 1, data: Float32Array.of(1e-7, 2e-7, 1e30) };
  const objects = measureObjects(drawnLabels("112"), { image });
  const [head, a, b] = rowsOf(measurementsCsv([{ file: "a", objects }]));
  const cell = (row: string[], name: string) => Number(row[head.indexOf(name)]);
  assert.is(cell(a, "mean_c1"), objects[0].channels[0].mean);
  assert.is(cell(b, "sum_c1"), objects[1].channels[0].sum);
  assert.is(cell(a, "equivalent_diameter_px"), objects[0].pixels.equivalentDiameter);
});

test.run();
