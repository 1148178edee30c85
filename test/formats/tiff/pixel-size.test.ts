import { test } from "uvu";
import * as assert from "uvu/assert";
import { openTiff } from "../../../src/formats/tiff/index.js";
import { encodeTiff } from "../../../src/formats/tiff/write-tiff.js";
import { type TagValues, writeTiff } from "./tiff-writer.js";

async function sizeIn(tags: Record<number, TagValues>, description?: string) {
  const page = { width: 2, height: 1, data: [1, 2], tags, ...(description ? { description } : {}) };
  return (await (await openTiff(writeTiff([page]), "a.tif")).page(0)).pixelSize;
}

/** XResolution and YResolution as floats, which readers take too, and the unit. */
const tags = (x: number, y = x, unit?: number): Record<number, TagValues> => ({
  282: [12, [x]],
  283: [12, [y]],
  ...((unit === undefined ? {} : { 296: [3, [unit]] }) as Record<number, TagValues>),
});
const ome = (attributes: string) =>
  `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image><Pixels SizeX="2" SizeY="1" ${attributes}></Pixels></Image></OME>`;

test("label images keep their numbers and their pixel size in a file", async () => {
  for (const data of [Uint16Array.of(1, 65535), Uint32Array.of(7, 4000000000)]) {
    for (const pixelSize of [
      { x: 0.325, y: 0.65 },
      { x: 1e-3, y: 1e-3 },
      { x: 12.5, y: 0.1 },
    ]) {
      const maximum = 2 ** (8 * data.BYTES_PER_ELEMENT) - 1;
      const file = encodeTiff({ width: 2, height: 1, channels: 1, maximum, data, pixelSize });
      const read = await (await openTiff(file, "a.tif")).page(0);
      assert.equal(read.data, data);
      assert.equal(read.pixelSize, pixelSize);
    }
  }
});

test("an image without a pixel size says none", async () => {
  const image = { width: 2, height: 1, channels: 1, maximum: 255, data: Uint8Array.of(1, 2) };
  assert.not.ok("pixelSize" in (await (await openTiff(encodeTiff(image), "a.tif")).page(0)));
});

test("tags of the resolution are pixels per centimetre or inch", async () => {
  assert.equal(await sizeIn(tags(20000, 10000, 3)), { x: 0.5, y: 1 });
  assert.equal(await sizeIn(tags(25400, 50800, 2)), { x: 1, y: 0.5 });
  // No unit is the inch, and 1 is none.
  assert.equal(await sizeIn(tags(25400)), { x: 1, y: 1 });
  assert.is(await sizeIn(tags(25400, 25400, 1)), undefined);
});

test("resolutions of screens and printers are no pixel sizes, broken ones neither", async () => {
  for (const dpi of [72, 96, 300, 600, 1200]) assert.is(await sizeIn(tags(dpi, dpi, 2)), undefined);
  assert.is(await sizeIn(tags(28.35, 28.35, 3)), undefined);
  for (const x of [0, -5, Number.NaN, Infinity]) {
    assert.is(await sizeIn(tags(x, x, 3)), undefined, String(x));
  }
});

test("ImageJ says the unit of the resolution, pixels of any size included", async () => {
  const imageJ = (unit: string) => `ImageJ=1.54f\nunit=${unit}\nmin=0\n`;
  for (const unit of ["micron", "um", "\\u00B5m", "µm", "μm", "microns"]) {
    assert.equal(await sizeIn(tags(4, 2, 1), imageJ(unit)), { x: 0.25, y: 0.5 }, unit);
  }
  assert.equal(await sizeIn(tags(0.01, 0.01, 1), imageJ("nm")), { x: 0.1, y: 0.1 });
  assert.equal(await sizeIn(tags(0.02, 0.02, 1), imageJ("micron")), { x: 50, y: 50 });
  for (const unit of ["pixel", "", "furlong"]) {
    assert.is(await sizeIn(tags(4, 4, 1), imageJ(unit)), undefined, unit);
  }
});

test("OME-XML says the size in its unit, the micrometre where none is named", async () => {
  const both = (x: string, y: string) => `PhysicalSizeX="${x}" PhysicalSizeY="${y}"`;
  assert.equal(await sizeIn({}, ome(both("0.325", "0.33"))), { x: 0.325, y: 0.33 });
  const nm = 'PhysicalSizeXUnit="nm" PhysicalSizeYUnit="nm"';
  assert.equal(await sizeIn({}, ome(`${both("65", "70")} ${nm}`)), { x: 0.065, y: 0.07 });
  assert.equal(await sizeIn(tags(20000, 20000, 3), ome(both("0.1", "0.1"))), { x: 0.1, y: 0.1 });
  const pixels = 'PhysicalSizeXUnit="pixel" PhysicalSizeYUnit="pixel"';
  assert.is(await sizeIn({}, ome(`${both("1", "1")} ${pixels}`)), undefined);
  assert.is(await sizeIn({}, ome("")), undefined);
});

test.run();
