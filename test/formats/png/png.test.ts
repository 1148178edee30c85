import { deflateSync } from "node:zlib";
import { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import { random, randomInteger } from "../../../src/data/random.js";
import * as page from "../../../src/formats/png/png.js";
import * as node from "../../../src/node/png-files.js";
import { chunk, claimSize, type Kind, pixelsOf, pngFile, withPixels } from "./png-fixture.js";

const SAMPLES_A_PIXEL = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function noise(count: number, values: number): number[] {
  const next = random(count, values);
  return Array.from({ length: count }, () => randomInteger(next, values));
}

/** The first `channels` samples of each pixel, as planes. */
function planar(samples: number[], perPixel: number, channels: number): number[] {
  return Array.from({ length: channels }, (_, channel) =>
    samples.filter((_, i) => i % perPixel === channel),
  ).flat();
}

/** Rows of 8 bits, each after the byte for "not filtered". */
function rowsOf(samples: readonly number[], width: number): Buffer[] {
  return Array.from({ length: samples.length / width }, (_, y) =>
    Buffer.from([0, ...samples.slice(y * width, (y + 1) * width)]),
  );
}

function oneLine(error: Error): boolean {
  return error.message.startsWith("x/a.png: it") && !error.message.includes("\n");
}

// Node inflates by zlib, a page by fflate: both give the same pixels and the same errors.
for (const [where, { decodePng, encodePng, encodePalettePng }] of Object.entries({
  "in Node": node,
  "in a page": page,
})) {
  const test = (name: string, body: () => void) => uvuTest(`${name}, ${where}`, body);

  test("what is encoded is decoded to the same integers, at odd sizes", () => {
    for (const [width, height] of [
      [1, 1],
      [7, 3],
      [33, 17],
    ]) {
      for (const [channels, bitDepth] of [
        [1, 8],
        [1, 16],
        [3, 8],
        [3, 16],
      ] as const) {
        const data = noise(width * height * channels, 2 ** bitDepth);
        const bytes = encodePng({ width, height, channels, bitDepth, data });
        const image = decodePng(bytes, "a.png");
        const { data: read, ...rest } = image;
        assert.equal(rest, { width, height, channels, maximum: 2 ** bitDepth - 1 });
        assert.equal([...read], data);
      }
    }
  });

  test("values are rounded and kept within the range", () => {
    const data = Float32Array.from([-3, 0.6, 254.4, 400]);
    const bytes = encodePng({ width: 4, height: 1, channels: 1, bitDepth: 8, data });
    assert.equal([...decodePng(bytes, "a.png").data], [0, 1, 254, 255]);
    assert.throws(
      () => encodePng({ width: 2, height: 1, channels: 1, bitDepth: 8, data }),
      /got 4 values for 2x1x1, expected 2/,
    );
  });

  test("indices are encoded with a palette of their colours", () => {
    const palette = [
      [0, 0, 0],
      [255, 255, 255],
      [212, 68, 47],
    ] as const;
    const indices = Uint8Array.from(noise(7 * 3, 3));
    const bytes = encodePalettePng({ width: 7, height: 3, indices, palette });
    const image = decodePng(bytes, "a.png");
    assert.equal([image.width, image.height, image.channels], [7, 3, 3]);
    assert.equal(image.indices, indices);
    const colours = [...indices].flatMap((index) => palette[index]);
    assert.equal([...image.data], planar(colours, 3, 3));
    assert.throws(
      () => encodePalettePng({ width: 7, height: 3, indices, palette: palette.slice(0, 2) }),
      /got 21 indices such as 2 and 2 colours, expected 21 below that number, 256 at most/,
    );
  });

  test("every colour type, bit depth and interlacing gives the stored integers", () => {
    const kinds: Kind[] = [
      ...([1, 2, 4, 8, 16] as const).map((depth) => ({ colourType: 0 as const, depth })),
      ...([2, 4, 6] as const).flatMap((colourType) =>
        ([8, 16] as const).map((depth) => ({ colourType, depth })),
      ),
    ];
    for (const kind of kinds.flatMap((one) => [one, { ...one, interlaced: true }])) {
      const perPixel = SAMPLES_A_PIXEL[kind.colourType];
      const channels = perPixel > 2 ? 3 : 1;
      const samples = noise(13 * 5 * perPixel, 2 ** kind.depth);
      const image = decodePng(pngFile(13, 5, samples, kind), "a.png");
      assert.is(image.channels, channels);
      assert.is(image.maximum, 2 ** kind.depth - 1);
      const planes = planar(samples, perPixel, perPixel);
      assert.equal([...image.data], planes.slice(0, channels * 65), JSON.stringify(kind));
      const alpha = perPixel % 2 === 0 ? planes.slice(channels * 65) : undefined;
      assert.equal(image.alpha && [...image.alpha], alpha, JSON.stringify(kind));
    }
  });

  test("a transparent colour keeps its values, and makes an alpha of 0 and the maximum", () => {
    for (const [kind, samples, data, alpha] of [
      [{ colourType: 0, depth: 8, transparency: [0, 7] }, [7, 9], [7, 9], [0, 255]],
      // Of fewer bits than 16 the lowest count.
      [{ colourType: 0, depth: 2, transparency: [9, 6] }, [2, 3], [2, 3], [0, 3]],
      [{ colourType: 0, depth: 16, transparency: [1, 2] }, [258, 2], [258, 2], [0, 65535]],
      [
        { colourType: 2, depth: 8, transparency: [0, 1, 0, 2, 0, 3] },
        [1, 2, 3, 1, 2, 4],
        [1, 1, 2, 2, 3, 4],
        [0, 255],
      ],
    ] as const) {
      const image = decodePng(pngFile(2, 1, [...samples], kind), "a.png");
      assert.equal([...image.data], data);
      assert.equal([...(image.alpha ?? [])], alpha);
    }
    const odd: Kind = { colourType: 0, depth: 8, transparency: [7] };
    assert.is(decodePng(pngFile(2, 1, [7, 9], odd), "a.png").alpha, undefined);
  });

  test("a palette gives its colours and its indices", () => {
    const palette = [0, 0, 0, 128, 0, 0, 0, 128, 0];
    for (const depth of [2, 4, 8] as const) {
      const kind: Kind = { colourType: 3, depth, palette, transparency: [255, 0] };
      const image = decodePng(pngFile(3, 1, [2, 0, 1], kind), "a.png");
      assert.is(image.channels, 3);
      assert.equal([...image.data], [0, 0, 128, 128, 0, 0, 0, 0, 0]);
      assert.equal([...(image.indices ?? [])], [2, 0, 1]);
      // Entries that the transparency does not name are opaque.
      assert.equal([...(image.alpha ?? [])], [255, 255, 0]);
    }
    const grey: Kind = { colourType: 3, depth: 1, palette: [255, 255, 255, 0, 0, 0] };
    const image = decodePng(pngFile(3, 1, [0, 1, 1], grey), "a.png");
    assert.equal([image.channels, image.maximum, ...image.data], [1, 255, 255, 0, 0]);
    const short: Kind = { colourType: 3, depth: 8, palette };
    assert.throws(
      () => decodePng(pngFile(1, 1, [3], short), "a.png"),
      "a.png: it uses palette index 3, expected one below 3",
    );
  });

  test("a file that ends early is one line that names it, wherever it ends", () => {
    const data = noise(40 * 30, 256);
    const bytes = encodePng({ width: 40, height: 30, channels: 1, bitDepth: 8, data });
    for (let length = 1; length < bytes.length - 12; length += 11) {
      assert.throws(() => decodePng(bytes.subarray(0, length), "x/a.png"), oneLine);
    }
  });

  test("what comes after the pixels, or is missing there, changes none", () => {
    const samples = noise(6 * 5, 256);
    const file = pngFile(6, 5, samples, { colourType: 0, depth: 8 });
    const pixels = pixelsOf(file);
    const whole = chunk("IDAT", pixels);
    const text = chunk("tEXt", Buffer.from("a\0b"), 1);
    const frames = chunk("acTL", Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]));
    const more = Buffer.concat([...rowsOf(samples, 6), Buffer.alloc(7)]);
    const kinds: Readonly<Record<string, Buffer>> = {
      "bytes after the end": Buffer.concat([file, Buffer.from("notes of a camera")]),
      "no end": withPixels(file, [whole], false),
      "a cut text after the pixels": withPixels(file, [whole, text.subarray(0, 9)], false),
      "an empty chunk of pixels": withPixels(file, [
        chunk("IDAT", pixels.subarray(0, 5)),
        chunk("IDAT", Buffer.alloc(0)),
        chunk("IDAT", pixels.subarray(5)),
      ]),
      "a wrong checksum of a text": withPixels(file, [text, whole]),
      "an animation": withPixels(file, [frames, whole, chunk("fdAT", Buffer.alloc(20))]),
      "bytes after the compressed pixels": withPixels(file, [
        chunk("IDAT", Buffer.concat([pixels, Buffer.from([1, 2, 3])])),
      ]),
      "more rows than in its header": withPixels(file, [chunk("IDAT", deflateSync(more))]),
      "more than a window of rows": withPixels(file, [
        chunk("IDAT", deflateSync(Buffer.concat([...rowsOf(samples, 6), Buffer.alloc(1e6)]))),
      ]),
      "a transparency whose checksum is wrong": withPixels(file, [
        chunk("tRNS", Buffer.from([0, 7]), 1),
        whole,
      ]),
    };
    for (const [name, bytes] of Object.entries(kinds)) {
      const image = decodePng(bytes, "a.png");
      assert.equal([...image.data], samples, name);
      assert.is(image.alpha, undefined, name);
    }
  });

  test("pixels whose own checksum is wrong or missing are refused", () => {
    const file = pngFile(6, 5, noise(30, 256), { colourType: 0, depth: 8 });
    const wrong = Buffer.from(pixelsOf(file));
    wrong[wrong.length - 1] ^= 1;
    for (const pixels of [wrong, wrong.subarray(0, -4), wrong.subarray(0, -2)]) {
      const bytes = withPixels(file, [chunk("IDAT", pixels)]);
      assert.throws(() => decodePng(bytes, "x/a.png"), /^x\/a\.png: it is a damaged PNG image \(/);
    }
  });

  test("chunks that no PNG image has, and two of those that it has once, are refused", () => {
    const file = pngFile(6, 5, noise(30, 256), { colourType: 0, depth: 8 });
    const whole = chunk("IDAT", pixelsOf(file));
    const ofPhones = withPixels(file, [chunk("CgBI", Buffer.alloc(4)), whole]);
    assert.throws(() => decodePng(ofPhones, "a.png"), 'a.png: it has a chunk "CgBI" that no PNG');
    const headers = withPixels(file, [file.subarray(8, 33), whole]);
    assert.throws(
      () => decodePng(headers, "a.png"),
      "a.png: it is a damaged PNG image (two chunks",
    );
    const late = Buffer.concat([file.subarray(0, 8), whole, file.subarray(8)]);
    assert.throws(() => decodePng(late, "a.png"), /damaged PNG image \(its header is missing\)/);
  });

  test("few compressed bytes that claim many pixels, or hold them, are refused", () => {
    const kind: Kind = { colourType: 0, depth: 8 };
    const claims = claimSize(pngFile(4, 4, noise(16, 256), kind), 16384, 16384);
    assert.throws(() => decodePng(claims, "a.png"), /compressed bytes of pixels, too few for 2684/);
    const alike = Buffer.concat([deflateSync(Buffer.alloc(9)), Buffer.alloc(400_000)]);
    const file = pngFile(4, 4, noise(16, 256), { colourType: 6, depth: 16, damage: () => alike });
    const bomb = claimSize(file, 2 ** 12, 9459);
    assert.throws(() => decodePng(bomb, "a.png"), /nearly all equal, expected at most 300000000/);
  });

  test("files that are not an image, or damaged, give one line that names them", () => {
    assert.throws(
      () => decodePng(new Uint8Array(0), "x/a.png"),
      "x/a.png: it is empty, expected a PNG image",
    );
    assert.throws(
      () => decodePng(Buffer.from("hello, world, I am a text"), "x/a.png"),
      'x/a.png: it is not a PNG image (it begins with "hello, w")',
    );
    const good = pngFile(4, 4, noise(16, 256), { colourType: 0, depth: 8 });
    for (let at = 8; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] ^= 0x41;
      // The last twelve bytes, the end, do not matter.
      if (at >= good.length - 12) continue;
      assert.throws(() => decodePng(bad, "x/a.png"), oneLine, `byte ${at}`);
    }
    const huge = claimSize(good, 2 ** 31 - 1, 1);
    assert.throws(
      () => decodePng(huge, "x/a.png"),
      /x\/a\.png: its header says 2147483647x1 pixels/,
    );
  });

  test("pixel data that does not fit the header is an error", () => {
    const kind: Kind = { colourType: 0, depth: 8 };
    const samples = noise(70 * 50, 256);
    for (const bytes of [0, 2, 40, 3000]) {
      const cut = pngFile(70, 50, samples, { ...kind, damage: (all) => all.subarray(0, bytes) });
      assert.throws(() => decodePng(cut, "x/a.png"), oneLine, `${bytes} bytes`);
    }
    for (const rows of [1, 49]) {
      const short = deflateSync(Buffer.alloc(71 * rows));
      const file = pngFile(70, 50, samples, { ...kind, damage: () => short });
      assert.throws(() => decodePng(file, "x/a.png"), oneLine, `${rows} rows`);
    }
  });

  test("a damaged header is detected by its checksum", () => {
    const file = pngFile(4, 2, noise(8, 256), { colourType: 0, depth: 8 });
    file.writeUInt32BE(2, 16);
    assert.throws(
      () => decodePng(file, "x/a.png"),
      /x\/a\.png: it is a damaged PNG image \(checksum/,
    );
  });
}

uvuTest("each reads what the other writes", () => {
  const data = noise(3 * 40 * 30, 65536);
  const image = { width: 40, height: 30, channels: 3, bitDepth: 16, data } as const;
  assert.equal([...node.decodePng(page.encodePng(image), "a.png").data], data);
  assert.equal([...page.decodePng(node.encodePng(image), "a.png").data], data);
});

uvuTest.run();
