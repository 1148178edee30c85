// Image files, written whole and damaged.

import fc, { type Arbitrary } from "fast-check";
import type { RawImage } from "../../src/data/image-types.js";
import { random, randomInteger } from "../../src/data/random.js";
import { bytesSource } from "../../src/formats/byte-source.js";
import { openImageFile } from "../../src/formats/image-file.js";
import * as page from "../../src/formats/png/png.js";
import * as node from "../../src/node/png-files.js";
import { JPEGS } from "../formats/jpeg/jpeg-fixture.js";
import { type Kind, pngFile } from "../formats/png/png-fixture.js";
import { tiffKinds } from "../formats/tiff/kinds.js";
import { type Page, tiffFile } from "../node/tiff-fixture.js";
import { damaged } from "./damage.js";
import { assertSame, assertSentence, type FuzzKind, fuzzKind, outcome } from "./kind.js";
import { repaired } from "./png-repair.js";

const NAME = "dir/a file.png";
/** Further pages of a file are not decoded. */
const MOST_PAGES = 3;

function noise(count: number, values: number, seed: number): number[] {
  const next = random(seed, count);
  // One in four has only one value.
  if (seed % 4 === 0) return Array<number>(count).fill(seed % values);
  return Array.from({ length: count }, () => randomInteger(next, values));
}

const side = fc.integer({ min: 1, max: 20 });
const sides = fc.tuple(side, side);

interface PngCase {
  readonly bytes: Uint8Array;
  readonly expected: RawImage;
}

const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;
const pngKind = fc.oneof(
  fc.record({ colourType: fc.constant(0 as const), depth: fc.constantFrom(1, 2, 4, 8, 16) }),
  fc.record({ colourType: fc.constant(3 as const), depth: fc.constantFrom(1, 2, 4, 8) }),
  fc.record({ colourType: fc.constantFrom(2, 4, 6), depth: fc.constantFrom(8, 16) }),
) as Arbitrary<Pick<Kind, "colourType" | "depth">>;

const pngs: Arbitrary<PngCase> = fc
  .tuple(pngKind, sides, fc.boolean(), fc.nat(1 << 20))
  .map(([kind, [width, height], interlaced, seed]) => {
    const count = width * height;
    const perPixel = SAMPLES[kind.colourType];
    const maximum = 2 ** kind.depth - 1;
    const samples = noise(count * perPixel, maximum + 1, seed);
    const palette = kind.colourType === 3 ? noise(3 * (maximum + 1), 256, seed + 1) : undefined;
    const bytes = pngFile(width, height, samples, { ...kind, interlaced, palette });
    const planes = Array.from({ length: perPixel }, (_, c) =>
      samples.filter((_, i) => i % perPixel === c),
    );
    const array = (values: number[]) =>
      maximum > 255 ? Uint16Array.from(values) : Uint8Array.from(values);
    const sizes = { width, height };
    if (palette) {
      const channels = palette.every((value, i) => value === palette[i - (i % 3)]) ? 1 : 3;
      const data = [0, 1, 2]
        .slice(0, channels)
        .flatMap((c) => samples.map((s) => palette[3 * s + c]));
      const indices = Uint8Array.from(samples);
      const expected = { ...sizes, channels, maximum: 255, data: Uint8Array.from(data), indices };
      return { bytes, expected };
    }
    const channels = perPixel > 2 ? 3 : 1;
    const data = array(planes.slice(0, channels).flat());
    const alpha = perPixel % 2 === 0 ? { alpha: array(planes[channels]) } : {};
    return { bytes, expected: { ...sizes, channels, maximum, data, ...alpha } };
  });

interface TiffCase {
  readonly bytes: Uint8Array;
  readonly pages: readonly Page[];
}

const tiffPage: Arbitrary<Page> = fc
  .record({
    size: sides,
    bits: fc.constantFrom(1, 4, 8, 16),
    channels: fc.constantFrom(1, 1, 2, 3),
    compression: fc.constantFrom("none", "lzw", "deflate", "packbits"),
    differences: fc.boolean(),
    rowsPerStrip: fc.option(side, { nil: undefined }),
    tile: fc.option(fc.constant(16), { nil: undefined }),
    planar: fc.boolean(),
    seed: fc.nat(1 << 20),
  })
  .map(({ size: [width, height], bits, channels: asked, seed, differences, ...kind }): Page => {
    const channels = bits < 8 ? 1 : asked;
    const samples = noise(width * height * channels, 2 ** bits, seed);
    const isWhole = bits >= 8 && ["lzw", "deflate"].includes(kind.compression);
    return {
      ...kind,
      width,
      height,
      bits: bits as 8,
      channels,
      samples,
      ...(isWhole && differences ? { differences } : {}),
      compression: kind.compression as "none",
    };
  });
const tiffs: Arbitrary<TiffCase> = fc
  .tuple(fc.array(tiffPage, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([pages, bigEndian]) => ({ bytes: tiffFile(pages, bigEndian), pages }));

/** Small files of every kind of numbers, layout, compression, predictor and byte order. */
const oddTiffs = fc.constantFrom(...tiffKinds().map(({ bytes }) => bytes));

const jpegs = fc
  .constantFrom(...Object.values(JPEGS))
  .map(({ base64 }) => Uint8Array.from(Buffer.from(base64, "base64")));

const anyFile = fc.oneof(
  pngs.map(({ bytes }) => bytes),
  tiffs.map(({ bytes }) => bytes),
  jpegs,
);

/** Opens and decodes a file of any content: error messages are right, values fit the sizes. */
async function checkAny(bytes: Uint8Array): Promise<number> {
  const opened = await outcome(NAME, () =>
    openImageFile(bytesSource(bytes), NAME, { png: node.decodePng }),
  );
  if ("refusal" in opened) return 0;
  const { pageCount, remarks, page: read } = opened.value;
  for (const remark of remarks) assertSentence(new Error(remark), NAME);
  let most = 0;
  for (let index = 0; index < Math.min(pageCount, MOST_PAGES); index++) {
    const got = await outcome(NAME, () => read(index));
    if ("refusal" in got) continue;
    assertFits(got.value);
    most = Math.max(most, got.value.width * got.value.height * got.value.channels);
  }
  return most;
}

function assertFits({ width, height, channels, data, alpha, indices }: RawImage): void {
  const count = width * height;
  assertSame([width > 0, height > 0, channels > 0], [true, true, true], "sizes");
  assertSame(data.length, channels * count, "values");
  for (const plane of [alpha, indices]) if (plane) assertSame(plane.length, count, "a plane");
}

export const imageKinds: readonly FuzzKind[] = [
  fuzzKind("png", 10, pngs, ({ bytes, expected }) => {
    assertSame(node.decodePng(bytes, NAME), expected, "in Node");
    assertSame(page.decodePng(bytes, NAME), expected, "in a page");
    return expected.width * expected.height;
  }),
  fuzzKind(
    "png-damaged",
    25,
    fc
      .tuple(damaged(pngs.map(({ bytes }) => bytes)), fc.boolean())
      .map(([bytes, repairs]) => (repairs ? repaired(bytes) : bytes)),
    async (bytes) => {
      const inNode = await outcome(NAME, () => node.decodePng(bytes, NAME));
      const inPage = await outcome(NAME, () => page.decodePng(bytes, NAME));
      assertSame(inPage, inNode, "in a page as in Node");
      return checkAny(bytes);
    },
  ),
  fuzzKind("tiff", 8, tiffs, async ({ bytes, pages }) => {
    const { pageCount, page: read } = await openImageFile(bytesSource(bytes), NAME, {
      png: node.decodePng,
    });
    assertSame(pageCount, pages.length, "pages");
    for (const [index, { width, height, channels = 1, samples }] of pages.entries()) {
      const { data, alpha, ...image } = await read(index);
      assertSame([image.width, image.height], [width, height], "size");
      const planes = Array.from({ length: channels }, (_, c) =>
        samples.filter((_, i) => i % channels === c),
      );
      assertSame([...data, ...(alpha ?? [])], planes.flat(), "values");
    }
    return 400;
  }),
  fuzzKind(
    "tiff-damaged",
    22,
    damaged(
      fc.oneof(
        tiffs.map(({ bytes }) => bytes),
        oddTiffs,
      ),
    ),
    checkAny,
  ),
  fuzzKind("jpeg-damaged", 5, damaged(jpegs), checkAny),
  fuzzKind("spliced", 5, damaged(anyFile), checkAny),
  fuzzKind("bytes", 3, fc.uint8Array({ maxLength: 300 }), checkAny),
];
