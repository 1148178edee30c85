import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RawImage } from "../../../src/data/image-types.js";
import { random } from "../../../src/data/random.js";
import { openTiff } from "../../../src/formats/tiff/index.js";
import { type Page, tiffFile } from "../../node/tiff-fixture.js";

const read = async (bytes: Uint8Array, page = 0): Promise<RawImage> =>
  (await openTiff(bytes, "x.tif")).page(page);
const message = (bytes: Uint8Array, page = 0) =>
  read(bytes, page).then(
    () => "nothing thrown",
    (error: Error) => error.message,
  );

const small = { width: 3, height: 2, samples: [0, 1, 2, 253, 254, 255] };

/** Noise with runs of equal values, long enough for all widths of LZW's codes. */
function noise(count: number, maximum: number): number[] {
  const next = random(7);
  let value = 0;
  return Array.from({ length: count }, () => {
    if (next() > 0.3) value = Math.floor(next() * (maximum + 1));
    return value;
  });
}

test("8 and 16 bits, either byte order, every compression, strips, differences", async () => {
  const [width, height] = [61, 143];
  for (const bits of [8, 16] as const) {
    const samples = noise(width * height, 2 ** bits - 1);
    for (const compression of ["none", "lzw", "deflate", "packbits"] as const) {
      for (const bigEndian of [false, true]) {
        const hasPredictor = compression === "lzw" || compression === "deflate";
        for (const differences of hasPredictor ? [false, true] : [false]) {
          const page: Page = { width, height, samples, bits, compression, differences };
          const image = await read(tiffFile([{ ...page, rowsPerStrip: 100 }], bigEndian));
          const what = `${bits} bits, ${compression}, ${bigEndian}, ${differences}`;
          assert.equal([image.width, image.height, image.channels], [width, height, 1], what);
          assert.is(image.maximum, 2 ** bits - 1, what);
          assert.ok(
            samples.every((value, i) => image.data[i] === value),
            what,
          );
        }
      }
    }
  }
});

test("tiles, and channels in separate planes", async () => {
  const [width, height, channels] = [37, 21, 3];
  const samples = noise(width * height * channels, 65535);
  const page = { width, height, channels, samples, bits: 16, compression: "lzw" } as const;
  const plain = await read(tiffFile([page]));
  assert.is(plain.data[2 * width * height + 5], samples[5 * channels + 2]);
  for (const kind of [{ tile: 16 }, { planar: true }, { tile: 16, planar: true }]) {
    assert.ok(
      Buffer.from(plain.data.buffer).equals(
        Buffer.from((await read(tiffFile([{ ...page, ...kind }], true))).data.buffer),
      ),
      JSON.stringify(kind),
    );
  }
});

test("each page of a stack is an image", async () => {
  const pages = [
    small,
    { ...small, samples: [9, 8, 7, 6, 5, 4] },
    { ...small, width: 2, height: 3 },
  ];
  const stack = await openTiff(tiffFile(pages), "x.tif");
  assert.is(stack.pageCount, 3);
  assert.equal([...(await stack.page(1)).data], [9, 8, 7, 6, 5, 4]);
  const { width, height } = await stack.page(2);
  assert.equal([width, height], [2, 3]);
  assert.is(await message(tiffFile(pages), 3), "x.tif, page 3: it has 3 pages, counted from 0");
});

test("copies for display do not count as pages", async () => {
  const thumbnail = { ...small, tags: { 254: [1] } };
  assert.is((await openTiff(tiffFile([small, thumbnail, small]), "x.tif")).pageCount, 2);
});

test("fewer bits, white as 0, colour, palettes, alpha, any number of channels", async () => {
  const bits = { width: 9, height: 2, samples: [...Array(18).keys()].map((i) => i & 1) };
  const one = await read(tiffFile([{ ...bits, bits: 1 }]));
  assert.equal([one.maximum, [...one.data]], [1, bits.samples]);
  const four = await read(tiffFile([{ ...small, samples: [0, 1, 2, 3, 14, 15], bits: 4 }]));
  assert.equal([four.maximum, [...four.data]], [15, [0, 1, 2, 3, 14, 15]]);
  const inverted = await read(tiffFile([{ ...small, tags: { 262: [0] } }]));
  assert.equal([...inverted.data], [255, 254, 253, 2, 1, 0]);

  const pixels = { width: 2, height: 1 };
  const colour = await read(tiffFile([{ ...pixels, channels: 3, samples: [1, 2, 3, 4, 5, 6] }]));
  assert.equal([colour.channels, [...colour.data]], [3, [1, 4, 2, 5, 3, 6]]);
  const rgba: Page = { ...pixels, channels: 4, samples: [1, 2, 3, 9, 4, 5, 6, 9] };
  const withAlpha = await read(tiffFile([{ ...rgba, tags: { 338: [2] } }]));
  assert.equal([withAlpha.channels, [...withAlpha.data]], [3, [1, 4, 2, 5, 3, 6]]);
  const five: Page = { ...pixels, channels: 5, samples: [...Array(10).keys()] };
  const many = await read(tiffFile([{ ...five, tags: { 262: [1], 338: [0, 0, 0, 0] } }]));
  assert.equal([many.channels, [...many.data]], [5, [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]]);

  const palette: Page["palette"] = [
    [0, 0, 0],
    [255, 0, 9],
  ];
  const painted = await read(tiffFile([{ ...pixels, samples: [1, 0], palette }]));
  assert.equal([...(painted.indices ?? [])], [1, 0]);
  assert.equal([painted.channels, [...painted.data]], [3, [255, 0, 0, 0, 9, 0]]);
});

test("what is not served names the file and the tag", async () => {
  const says = async (tags: Page["tags"], expected: string) =>
    assert.is(await message(tiffFile([{ ...small, tags }])), `x.tif: its tag ${expected}`);
  await says(
    { 259: [7] },
    "Compression is 7 (JPEG), which is not decoded here: save it uncompressed or with LZW",
  );
  await says(
    { 259: [34925] },
    "Compression is 34925 (LZMA), expected none (1), LZW (5), JPEG (7), deflate (8, 32946), " +
      "PackBits (32773) or ZSTD (50000): save it uncompressed or with LZW (Fiji: Save As > Tiff)",
  );
  await says(
    { 262: [5] },
    "PhotometricInterpretation is 5 (inks, mostly CMYK), expected grey (0, 1), RGB (2) or a " +
      "palette (3): save it as RGB (Fiji: Image > Type > RGB Color)",
  );
  await says({ 274: [9] }, "Orientation is 9, expected 1 to 8");
  await says({ 266: [3] }, "FillOrder is 3, expected 1 or 2");
  await says(
    { 259: [8], 317: [4] },
    "Predictor is 4, expected 1, 2 (differences along rows) or 3 (of floats)",
  );
  await says({ 259: [8], 317: [3] }, "Predictor is 3, expected 1 or 2 for whole numbers");
  await says(
    { 317: [2] },
    "Predictor is 2, expected 1 where nothing is compressed, or by PackBits",
  );
  await says(
    { 339: [5] },
    "SampleFormat is 5 (complex numbers), expected 1 or 2, whole numbers, or 3, floats",
  );
  await says(
    { 258: [17] },
    "BitsPerSample is 17, expected 1 to 16, 32 or 64: save it as 16 bits (Fiji: Image > Type)",
  );
  const mixed = { ...small, width: 1, channels: 3, tags: { 258: [8, 8, 16] } };
  assert.match(
    await message(tiffFile([mixed])),
    "BitsPerSample is 8, 8, 16, expected the same for all channels",
  );
  const second = tiffFile([small, { ...small, tags: { 259: [7] } }]);
  assert.match(await message(second, 1), "x.tif, page 1: its tag Compression is 7");
});

test("a damaged file is named", async () => {
  assert.is(await message(new Uint8Array(0)), "x.tif: it is not a TIFF image");
  assert.is(await message(Buffer.from("text")), "x.tif: it is not a TIFF image");
  const whole = tiffFile([{ ...small, width: 60, height: 40, samples: noise(2400, 255) }]);
  assert.match(await message(whole.subarray(0, 6)), /^x\.tif: it is a damaged TIFF image \(/);
  assert.match(await message(whole.subarray(0, 900)), /^x\.tif: it is a damaged TIFF image \(/);
  const cut = tiffFile([{ ...small, tags: { 273: [60000] } }]);
  assert.match(await message(cut), /^x\.tif: it ends early, after \d+ bytes of at least 60006$/);
  const huge = tiffFile([{ ...small, tags: { 256: [65535], 257: [65535] } }]);
  assert.match(await message(huge), "x.tif: it claims 65535x65535 pixels, expected 1 to 268435456");
  const short = tiffFile([{ ...small, tags: { 256: [30] } }]);
  assert.is(await message(short), "x.tif: it ends early: its strip 0 has 6 bytes, expected 60");
  const circle = tiffFile([small, small]);
  const view = new DataView(circle.buffer);
  // The last directory leads to the first.
  view.setUint32(circle.length - 4, view.getUint32(4, true), true);
  assert.is(
    await message(circle),
    "x.tif: it is a damaged TIFF image (its directories form a circle)",
  );
});

test.run();
