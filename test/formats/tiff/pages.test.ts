// Which pages are images, which are channels, and which are left out.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { openTiff, type TiffOptions } from "../../../src/formats/tiff/index.js";
import { type WrittenPage, writeTiff } from "./tiff-writer.js";

/** A page whose numbers begin with its own, so that it can be recognised. */
const page = (value: number, rest: Partial<WrittenPage> = {}): WrittenPage => {
  const { width = 3, height = 2 } = rest;
  const data = Array.from({ length: width * height }, (_, i) => (i === 0 ? value : i));
  return { width, height, data, ...rest };
};
const pages = (count: number, description?: string) =>
  Array.from({ length: count }, (_, i) => page(i + 10, i === 0 ? { description } : {}));

/** The first number of each channel of each image. */
async function firsts(bytes: Uint8Array, options?: TiffOptions, name = "x.tif") {
  const stack = await openTiff(bytes, name, options);
  const all: number[][] = [];
  for (let i = 0; i < stack.pageCount; i++) {
    const { data, channels, width, height } = await stack.page(i);
    all.push(Array.from({ length: channels }, (_, c) => data[c * width * height]));
  }
  return all;
}
const message = (bytes: Uint8Array, options?: TiffOptions) =>
  firsts(bytes, options).then(
    () => "nothing thrown",
    (error: Error) => error.message,
  );
const remarks = async (bytes: Uint8Array) => (await openTiff(bytes, "x.tif")).remarks;

test("pages are images unless the file says channels; a declaration overrides", async () => {
  const plain = writeTiff(pages(3));
  assert.equal(await firsts(plain), [[10], [11], [12]]);
  assert.equal(await firsts(plain, { pages: "channels" }), [[10, 11, 12]]);
  const composite = writeTiff(pages(2, "ImageJ=1.54f\nimages=2\nchannels=2\n"));
  assert.equal(await firsts(composite, { pages: "images" }), [[10], [11]]);
});

test("ImageJ's channels are one image, slices and frames are pages", async () => {
  const text = "ImageJ=1.54f\nimages=12\nchannels=2\nslices=3\nframes=2\nhyperstack=true\n";
  assert.equal(await firsts(writeTiff(pages(12, text))), [
    [10, 11],
    [12, 13],
    [14, 15],
    [16, 17],
    [18, 19],
    [20, 21],
  ]);
  assert.equal(await firsts(writeTiff(pages(3, "ImageJ=1.54f\nimages=3\nslices=3\n"))), [
    [10],
    [11],
    [12],
  ]);
  const wrong = writeTiff(pages(3, "ImageJ=1.54f\nimages=3\nchannels=2\n"));
  assert.equal(await firsts(wrong), [[10], [11], [12]]);
  assert.match(
    (await remarks(wrong))[0],
    /its ImageJ description has 2 channels, which its 3 pages are not/,
  );
});

/** A page, and the planes that lie after its own in the file. */
function oneDirectory(count: number, description: string, bigEndian: boolean): Uint8Array {
  const all = Array.from({ length: count }, (_, i) => page(i + 10).data).flat();
  const tall = writeTiff(
    {
      width: 3,
      height: 2 * count,
      data: all,
      bits: 16,
      description,
      tags: { 257: [3, [2]], 278: [3, [2]], 279: [4, [12]] },
    },
    { bigEndian },
  );
  return tall;
}

test("stacks whose pages lie after one directory: ImageJ's large ones, tifffile's short ones", async () => {
  for (const bigEndian of [false, true]) {
    const imageJ = oneDirectory(4, "ImageJ=1.54f\nimages=4\nslices=4\n", bigEndian);
    assert.equal(await firsts(imageJ), [[10], [11], [12], [13]]);
    const channels = oneDirectory(4, "ImageJ=1.54f\nimages=4\nchannels=2\nframes=2\n", bigEndian);
    assert.equal(await firsts(channels), [
      [10, 11],
      [12, 13],
    ]);
    const short = oneDirectory(3, '{"shape": [3, 2, 3], "truncated": true}', bigEndian);
    assert.equal(await firsts(short), [[10], [11], [12]]);
  }
  const cut = oneDirectory(4, "ImageJ=1.54f\nimages=90\nslices=90\n", false);
  assert.match(
    await message(cut),
    /x\.tif: it ends early: 90 images of 3x2 by ImageJ need 1\d+ bytes, and it has \d+/,
  );
  const packed = writeTiff(page(1, { compression: "lzw", description: "ImageJ=1\nimages=9\n" }));
  assert.match(await message(packed), /says 9 images by ImageJ, but its directories name 1/);
});

test("tifffile's axes determine what is a channel", async () => {
  const file = (shape: number[], axes: string, count: number) =>
    writeTiff(pages(count, JSON.stringify({ shape: [...shape, 2, 3], axes: `${axes}YX` })));
  assert.equal(await firsts(file([2], "C", 2)), [[10, 11]]);
  assert.equal(await firsts(file([2], "Z", 2)), [[10], [11]]);
  assert.equal(await firsts(file([2, 2], "ZC", 4)), [
    [10, 11],
    [12, 13],
  ]);
  assert.equal(await firsts(file([2, 2], "CZ", 4)), [
    [10, 12],
    [11, 13],
  ]);
});

interface OmeText {
  readonly c?: number;
  readonly z?: number;
  readonly t?: number;
  readonly order?: string;
  readonly inner?: string;
  readonly root?: string;
}
const ome = ({ c = 1, z = 1, t = 1, order = "XYCZT", inner = "", root = "" }: OmeText) =>
  `<?xml version="1.0"?><!-- <Pixels> --><OME xmlns="http://ome.example" ${root}><Image ID="Image:0">` +
  `<Pixels ID="Pixels:0" DimensionOrder="${order}" Type="uint8" SizeX="3" SizeY="2" SizeC="${c}" ` +
  `SizeZ="${z}" SizeT="${t}">${inner}</Pixels></Image></OME>`;

test("OME-XML determines which page is which channel, z and t", async () => {
  const all = (text: string, count: number) => firsts(writeTiff(pages(count, text)));
  assert.equal(await all(ome({ c: 2, z: 2, inner: "<TiffData/>" }), 4), [
    [10, 11],
    [12, 13],
  ]);
  assert.equal(await all(ome({ c: 2, z: 2, order: "XYZCT" }), 4), [
    [10, 12],
    [11, 13],
  ]);
  const placed = [0, 1, 2, 3].map(
    (ifd) =>
      `<TiffData IFD="${ifd}" FirstC="${1 - (ifd % 2)}" FirstZ="${ifd >> 1}" PlaneCount="1"/>`,
  );
  assert.equal(await all(ome({ c: 2, z: 2, inner: placed.join("") }), 4), [
    [11, 10],
    [13, 12],
  ]);
  assert.equal(await all(ome({ z: 3 }), 3), [[10], [11], [12]]);
  const moved = '<TiffData IFD="1" PlaneCount="2"/>';
  assert.equal(await all(ome({ c: 2, inner: moved }), 3), [[11, 12]]);
});

test("OME-XML of several files: only what is in this one", async () => {
  const data = (ifd: number, z: number, file: string) =>
    `<TiffData IFD="${ifd}" FirstZ="${z}" PlaneCount="1"><UUID FileName="${file}">urn:${file}</UUID></TiffData>`;
  const inner = data(0, 0, "x.tif") + data(1, 1, "x.tif") + data(0, 2, "y.tif");
  const bytes = writeTiff(pages(2, ome({ z: 3, inner, root: 'UUID="urn:x.tif"' })));
  assert.equal(await firsts(bytes, {}, "folder/renamed.tif"), [[10], [11]]);
  assert.equal(await remarks(bytes), ["1 of its planes are in other files"]);
  const channels = writeTiff(
    page(5, {
      description: ome({
        c: 2,
        inner: data(0, 0, "x.tif") + data(0, 0, "y.tif").replace("FirstZ", 'FirstC="1" FirstZ'),
      }),
    }),
  );
  assert.match(
    await message(channels),
    /its OME-XML names more channels than the file holds; the others are in other files: take/,
  );
  const binary = writeTiff(
    pages(2, '<OME UUID="urn:1"><BinaryOnly MetadataFile="a.ome" UUID="urn:2"/></OME>'),
  );
  assert.match(await message(binary), /its OME-XML is in another file/);
  assert.equal(await firsts(binary, { pages: "channels" }), [[10, 11]]);
});

test("OME-XML that is none, or of other pixels, leaves pages as they are", async () => {
  const text = '<?xml version="1.0"?><OME>µm</OME>';
  assert.equal(await firsts(writeTiff(pages(2, text))), [[10], [11]]);
  const other = writeTiff(pages(2, ome({ c: 2 }).replace('SizeX="3"', 'SizeX="4"')));
  assert.equal(await firsts(other), [[10], [11]]);
  assert.match((await remarks(other))[0], /its OME-XML describes 4x2 pixels, not these/);
});

test("of pyramids the full size counts, flagged or not; masks and thumbnails are left out", async () => {
  const large = page(1, { width: 96, height: 71 });
  const half = page(2, { width: 48, height: 35 });
  const flagged = (value: number): WrittenPage => ({ ...half, tags: { 254: [4, [value]] } });
  const old: WrittenPage = { ...half, tags: { 255: [3, [2]] } };
  for (const copy of [flagged(1), flagged(4), flagged(9), old]) {
    const bytes = writeTiff([copy, large]);
    assert.equal(await firsts(bytes), [[1]]);
    assert.equal(await remarks(bytes), ["1 smaller copies or masks in it are left out"]);
  }
  const flat = writeTiff([large, half, page(3, { width: 24, height: 17 })]);
  assert.equal(await firsts(flat), [[1]]);
  assert.match((await remarks(flat))[0], /2 smaller pages are left out/);
  assert.equal(await firsts(flat, { pages: "images" }), [[1], [2], [3]]);
  const colour = page(4, { width: 20, height: 20 });
  const thumbnail = { ...colour, samples: 3, data: colour.data.flatMap((v) => [v, v, v]) };
  assert.equal(await firsts(writeTiff([large, thumbnail])), [[1]]);
  assert.equal(await firsts(writeTiff([large, page(5, { width: 60, height: 71 })])), [[1], [5]]);
  const subs = writeTiff({ ...large, subIfds: [half] });
  assert.equal(await firsts(subs), [[1]]);
  assert.equal(await remarks(subs), ["smaller copies in its sub-directories are left out"]);
  assert.equal(await firsts(writeTiff(flagged(1))), [[2]]);
});

test("channels of different sizes or kinds are named", async () => {
  const sizes = writeTiff([page(1), page(2, { width: 2, height: 3 })]);
  assert.match(
    await message(sizes, { pages: "channels" }),
    "x.tif: its channel 1 has 2x3 pixels, the first one 3x2",
  );
  const kinds = writeTiff([page(1), page(2, { bits: 16 })]);
  assert.match(
    await message(kinds, { pages: "channels" }),
    "x.tif: its channel 1 has another number type than the first one",
  );
});

test.run();
