// Odd files that programs write: tags left out or wrong, numbers of rare kinds, what is damaged.

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RawImage } from "../../../src/data/image-types.js";
import { openTiff } from "../../../src/formats/tiff/index.js";
import { noise } from "./kinds.js";
import { lzw, type TagValues, type WrittenPage, writeTiff } from "./tiff-writer.js";

const read = async (bytes: Uint8Array, page = 0): Promise<RawImage> =>
  (await openTiff(bytes, "x.tif")).page(page);
const message = (bytes: Uint8Array) =>
  read(bytes).then(
    () => "nothing thrown",
    (error: Error) => error.message,
  );
const values = async (page: WrittenPage, bigEndian = false) => [
  ...(await read(writeTiff(page, { bigEndian }))).data,
];

const small: WrittenPage = { width: 3, height: 2, data: [0, 1, 2, 253, 254, 255] };
const raw = (bits: number, data: readonly number[]): WrittenPage => {
  return { width: data.length, height: 1, bits, data, tags: { 339: [3, [3]] } };
};

test("16-bit and 24-bit floats, either byte order", async () => {
  for (const bigEndian of [false, true]) {
    const halves = [0x3c00, 0xc000, 0x0001, 0x8000, 0x7c00, 0x7bff, 0x0400];
    assert.equal(await values(raw(16, halves), bigEndian), [
      1,
      -2,
      2 ** -24,
      -0,
      Infinity,
      65504,
      2 ** -14,
    ]);
    assert.ok(Number.isNaN((await values(raw(16, [0x7e00]), bigEndian))[0]));
    const floats = [0x3f0000, 0xc08000, 0x7f0000, 0x000001];
    assert.equal(await values(raw(24, floats), bigEndian), [1, -3, Infinity, 2 ** -78]);
  }
});

test("64-bit integers are exact if all fit into 32, else the nearest floats", async () => {
  const small = await read(writeTiff({ ...raw(64, [0, 4294967295]), tags: {} }));
  assert.instance(small.data, Uint32Array);
  assert.equal([...small.data], [0, 4294967295]);
  const signed = { ...raw(64, [-5, 2147483647]), tags: { 339: [3, [2]] as TagValues } };
  assert.instance((await read(writeTiff(signed))).data, Int32Array);
  const large = await read(writeTiff({ ...raw(64, [2 ** 53, 2 ** 40 + 2 ** 16 + 1]), tags: {} }));
  assert.instance(large.data, Float32Array);
  assert.equal([...large.data], [2 ** 53, 2 ** 40 + 2 ** 17]);
});

test("white as 0: the displayed values, and that the file has them inverted", async () => {
  const eight = await read(writeTiff({ ...small, photometric: 0 }));
  assert.equal([eight.inverted, [...eight.data]], [true, [255, 254, 253, 2, 1, 0]]);
  const one = await read(
    writeTiff({ ...small, bits: 1, photometric: 0, data: [0, 1, 1, 0, 0, 1] }),
  );
  assert.equal([one.maximum, [...one.data]], [1, [1, 0, 0, 1, 1, 0]]);
  const plain = await read(writeTiff(small));
  assert.is(plain.inverted, undefined);
  const floats = await read(writeTiff({ ...small, photometric: 0, bits: 32, format: 3 }));
  assert.equal([floats.inverted, [...floats.data]], [undefined, [...small.data]]);
});

test("alpha is kept apart from the channels", async () => {
  const pixels = { width: 2, height: 1, samples: 4, data: [1, 2, 3, 9, 4, 5, 6, 8] };
  for (const kind of [1, 2]) {
    for (const planar of [false, true]) {
      const image = await read(writeTiff({ ...pixels, extra: [kind], planar }));
      assert.equal([image.channels, [...image.data]], [3, [1, 4, 2, 5, 3, 6]]);
      assert.equal([...(image.alpha ?? [])], [9, 8]);
    }
  }
  const unknown = await read(writeTiff({ ...pixels, extra: [0] }));
  assert.equal([unknown.channels, unknown.alpha], [4, undefined]);
  const grey = { width: 2, height: 1, samples: 2, photometric: 1, data: [7, 0, 8, 255] };
  const withAlpha = await read(writeTiff({ ...grey, bits: 16, extra: [2] }));
  assert.equal(
    [[...withAlpha.data], [...(withAlpha.alpha ?? [])]],
    [
      [7, 8],
      [0, 255],
    ],
  );
});

test("palettes of 1 to 16 bits, with values of 16 bits or, by mistake, of 8", async () => {
  const palette = (bits: number, colours: readonly number[][]): TagValues => {
    const entry = (channel: number) =>
      Array.from({ length: 2 ** bits }, (_, i) => colours[i]?.[channel] ?? 0);
    return [3, [0, 1, 2].flatMap(entry)];
  };
  const indexed = { width: 3, height: 1, photometric: 3, data: [1, 0, 2] };
  const colours = [
    [0, 0, 0],
    [255, 10, 9],
    [7, 7, 200],
  ];
  for (const bits of [2, 4, 8, 12, 16]) {
    for (const factor of [1, 256, 257]) {
      const wide = colours.map((colour) => colour.map((value) => value * factor));
      const image = await read(writeTiff({ ...indexed, bits, tags: { 320: palette(bits, wide) } }));
      assert.equal([...image.data], [255, 0, 7, 10, 0, 7, 9, 0, 200], `${bits} bits x ${factor}`);
      assert.equal([image.maximum, [...(image.indices ?? [])]], [255, [1, 0, 2]]);
    }
  }
  const grey = [0, 100, 200].map((value) => [value * 257, value * 257, value * 257]);
  const image = await read(writeTiff({ ...indexed, tags: { 320: palette(8, grey) } }));
  assert.equal([image.channels, [...image.data]], [1, [100, 0, 200]]);
});

test("the orientation is applied, to alpha too", async () => {
  const expected = {
    1: [1, 2, 3, 4, 5, 6],
    2: [3, 2, 1, 6, 5, 4],
    3: [6, 5, 4, 3, 2, 1],
    4: [4, 5, 6, 1, 2, 3],
    5: [1, 4, 2, 5, 3, 6],
    6: [4, 1, 5, 2, 6, 3],
    7: [6, 3, 5, 2, 4, 1],
    8: [3, 6, 2, 5, 1, 4],
  };
  for (const [orientation, numbers] of Object.entries(expected)) {
    const data = [1, 2, 3, 4, 5, 6].flatMap((value) => [value, value + 10]);
    const tags = { 274: [3, [Number(orientation)]] as TagValues };
    const page: WrittenPage = { ...small, samples: 2, photometric: 1, extra: [2], data, tags };
    const image = await read(writeTiff(page));
    assert.equal([...image.data], numbers, orientation);
    assert.equal(
      [...(image.alpha ?? [])],
      numbers.map((value) => value + 10),
      orientation,
    );
    assert.is(image.width, Number(orientation) > 4 ? 2 : 3);
  }
});

test("tags that are left out have their defaults", async () => {
  for (const tag of [259, 262, 277, 278, 279, 284]) {
    assert.equal(await values({ ...small, omit: [tag] }), [...small.data], `without tag ${tag}`);
  }
  const most: WrittenPage = { ...small, tags: { 278: [4, [2 ** 32 - 1]] } };
  assert.equal(await values(most), [...small.data]);
  const bits = [1, 0, 1, 1, 0, 0];
  assert.equal(await values({ ...small, bits: 1, data: bits, omit: [258, 277] }), bits);
  assert.equal(await values({ ...small, format: 4 }), [...small.data]);
});

test("byte counts of strips that are 0, missing or too long", async () => {
  const data = noise(40 * 30, 0, 255);
  const page: WrittenPage = { width: 40, height: 30, data, rowsPerStrip: 8 };
  for (const compression of ["none", "lzw", "deflate", "packbits"] as const) {
    const kinds: Partial<WrittenPage>[] = [
      { omit: [279] },
      { tags: { 279: [4, [0, 0, 0, 0]] } },
      { tags: { 279: [4, [1e6, 1e6, 1e6, 4e9]] } },
    ];
    for (const kind of kinds) {
      assert.equal(await values({ ...page, compression, ...kind }), data, compression);
    }
  }
});

test("a strip that was cut off is an error, compressed or not", async () => {
  const data = noise(40 * 30, 0, 255);
  const page: WrittenPage = { width: 40, height: 30, data };
  for (const compression of ["lzw", "deflate", "packbits"] as const) {
    const short: WrittenPage = { ...page, compression, tags: { 279: [4, [200]] } };
    assert.match(await message(writeTiff(short)), /^x\.tif: it ends early: /, compression);
  }
  const whole = writeTiff({ width: 40, height: 30, data, tags: { 273: [4, [300]] } });
  assert.match(await message(whole), /it ends early, after \d+ bytes of at least 1500$/);
});

test("blocks that were never stored are filled only if the file says so", async () => {
  const data = new Array(64 * 16).fill(9);
  const tiles: WrittenPage = { width: 64, height: 16, data, tile: [16, 16], sparse: [1, 3] };
  const image = await read(writeTiff(tiles));
  assert.equal([...image.data.subarray(14, 34)], [9, 9, ...new Array(16).fill(0), 9, 9]);
  const noData: TagValues = [2, [...Buffer.from("7\0")]];
  const filled = await read(writeTiff({ ...tiles, tags: { 42113: noData } }));
  assert.equal([...filled.data.subarray(14, 34)], [9, 9, ...new Array(16).fill(7), 9, 9]);
  const strips: WrittenPage = { width: 64, height: 16, data, rowsPerStrip: 4, sparse: [2] };
  assert.is(await message(writeTiff(strips)), "x.tif: its strip 2 was never written");
  const all: WrittenPage = { ...tiles, sparse: [0, 1, 2, 3] };
  assert.is(await message(writeTiff(all)), "x.tif: its tile 0 was never written");
});

test("LZW of early writers", async () => {
  const data = noise(90 * 70, 0, 255);
  const page: WrittenPage = { width: 90, height: 70, data, compression: "old-lzw" };
  assert.equal(await values(page), data);
  assert.equal(await values({ ...page, rowsPerStrip: 9 }), data);
});

/** A file of one strip whose compressed bytes are these. */
const strip = (code: number, bytes: readonly number[], rest: Partial<WrittenPage> = {}) =>
  writeTiff({
    width: bytes.length,
    height: 1,
    data: bytes,
    ...rest,
    tags: { 259: [3, [code]], ...rest.tags },
  });

test("damaged compressed data is an error, and takes no time", async () => {
  const start = performance.now();
  // Codes of 9 bits: clear, then one that is not in the table.
  assert.match(
    await message(strip(5, [0x80, 0x4f, 0xff, 0xff])),
    /the LZW code \d+ is not in its table/,
  );
  const wrong = [...lzw(Uint8Array.from([1, 2, 3, 4]))].concat(new Array(40).fill(255));
  assert.match(await message(strip(5, wrong)), /it ends early: a block has 4 bytes, expected \d+/);
  assert.match(await message(strip(8, [1, 2, 3, 4])), /not a zlib stream/);
  assert.match(await message(strip(50000, [1, 2, 3, 4])), /it does not begin like a ZSTD stream/);
  assert.match(await message(strip(32773, [5, 9])), /it ends early: a block has 1 bytes/);
  const data = noise(50 * 50, 0, 255);
  const bytes = writeTiff({ width: 50, height: 50, data, compression: "deflate" });
  const changed = Uint8Array.from(bytes);
  changed[700] ^= 4;
  assert.match(await message(changed), /^x\.tif: it is a damaged TIFF image \(compressed data: /);
  assert.ok(performance.now() - start < 2000);
});

test("a file is not believed to hold more than it can", async () => {
  const huge: WrittenPage = {
    ...small,
    compression: "deflate",
    tags: { 256: [4, [12000]], 257: [4, [12000]], 278: [4, [12000]] },
  };
  assert.match(await message(writeTiff(huge)), /it claims 12000x12000x1 pixels, 144000000 bytes/);
  const samples: WrittenPage = { ...small, tags: { 277: [3, [65535]] } };
  assert.match(await message(writeTiff(samples)), /^x\.tif: /);
  const strips: WrittenPage = { ...small, tags: { 257: [4, [2 ** 24]], 278: [4, [1]] } };
  assert.match(await message(writeTiff(strips)), /it names 1 strips, expected 16777216/);
  const count: WrittenPage = { ...small, tags: { 257: [3, [2]], 270: [2, [65]] } };
  const bytes = writeTiff(count);
  assert.is((await read(bytes)).width, 3);
});

test("decoding can be stopped", async () => {
  const stop = new AbortController();
  const data = new Array(64 * 64).fill(1);
  const bytes = writeTiff({ width: 64, height: 64, data, rowsPerStrip: 1 });
  const stack = await openTiff(bytes, "x.tif", { signal: stop.signal });
  stop.abort();
  const error = await stack.page(0).catch((reason: Error) => reason);
  assert.is((error as Error).name, "AbortError");
});

test.run();
