// Small TIFF files of every kind that is read, each with the numbers that it holds. Tests read them;
// those that damage files begin with them.

import { random } from "../../../src/data/random.js";
import { type FileOptions, type WrittenPage, writeTiff } from "./tiff-writer.js";

export interface TiffKind {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Numbers of each image, [channels][height][width]. */
  readonly images: readonly (readonly number[])[];
  readonly channels: number;
}

const [WIDTH, HEIGHT] = [21, 13];

/** Noise with runs of equal values. */
export function noise(count: number, least: number, most: number, seed = 7): number[] {
  const next = random(seed);
  let value = least;
  return Array.from({ length: count }, () => {
    if (next() > 0.3) value = least + Math.floor(next() * (most - least + 1));
    return value;
  });
}

/** Numbers by pixel as planes. */
export function planes(data: readonly number[], samples: number): number[] {
  const count = data.length / samples;
  return Array.from({ length: data.length }, (_, i) => {
    return data[(i % count) * samples + Math.floor(i / count)];
  });
}

function range(bits: number, format: number): [number, number] {
  if (format === 2) return [-(2 ** (Math.min(bits, 32) - 1)), 2 ** (Math.min(bits, 32) - 1) - 1];
  return [0, 2 ** Math.min(bits, 32) - 1];
}

/** Files of every kind of numbers, layout, compression and predictor, in both byte orders. */
export function tiffKinds(): TiffKind[] {
  const kinds: TiffKind[] = [];
  const add = (
    name: string,
    page: Omit<WrittenPage, "width" | "height">,
    file: FileOptions = {},
  ) => {
    const order = `${file.bigEndian ? "big" : "little"}-endian${file.big ? " BigTIFF" : ""}`;
    const bytes = writeTiff({ width: WIDTH, height: HEIGHT, ...page }, file);
    const samples = page.samples ?? 1;
    const images = [planes(page.data, samples)];
    kinds.push({ name: `${name}, ${order}`, bytes, images, channels: samples });
  };
  for (const bigEndian of [false, true]) {
    for (const page of numberKinds()) {
      const { samples = 1, bits = 8, format = 1 } = page;
      add(`${samples} samples of ${bits} bits, format ${format}`, page, { bigEndian });
    }
    for (const [name, page] of layouts()) {
      // The files' own numbers have other sizes in BigTIFF, the pixels do not.
      const big = page.compression === "none" || page.bits === 16;
      add(name, page, { bigEndian, big });
    }
  }
  return kinds;
}

type Content = Omit<WrittenPage, "width" | "height">;

function numberKinds(): Content[] {
  const all: Content[] = [];
  for (const samples of [1, 3, 4]) {
    const extra = samples === 3 ? [] : new Array(samples - 1).fill(0);
    const tags = {
      samples,
      photometric: samples === 3 ? 2 : 1,
      ...(extra.length ? { extra } : {}),
    };
    const count = WIDTH * HEIGHT * samples;
    for (const bits of [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 32, 64]) {
      all.push({ ...tags, bits, data: noise(count, ...range(bits, 1)) });
    }
    for (const bits of [4, 8, 12, 16, 32, 64]) {
      all.push({ ...tags, bits, format: 2, data: noise(count, ...range(bits, 2)) });
    }
    for (const bits of [32, 64]) {
      const data = noise(count, -500, 500).map((value) => value / 64);
      data[5] = NaN;
      all.push({ ...tags, bits, format: 3, data });
    }
  }
  return all;
}

function layouts(): [string, Content][] {
  const all: [string, Content][] = [];
  const shapes: [string, Partial<WrittenPage>][] = [
    ["one strip", {}],
    ["strips", { rowsPerStrip: 4 }],
    ["padded strips", { rowsPerStrip: 5, isPadded: true }],
    ["tiles", { tile: [16, 16] }],
    ["planes", { planar: true, rowsPerStrip: 4 }],
    ["planes of tiles", { planar: true, tile: [16, 16] }],
    ["reversed bits", { isReversed: true, rowsPerStrip: 4 }],
  ];
  for (const compression of ["none", "lzw", "deflate", "packbits"] as const) {
    for (const [name, shape] of shapes) {
      for (const bits of [1, 8, 16, 32, 64]) {
        const whole: Content = {
          ...shape,
          compression,
          bits,
          samples: 3,
          data: noise(WIDTH * HEIGHT * 3, ...range(bits, 1)),
        };
        all.push([`${compression}, ${name}, ${bits} bits`, whole]);
        if (compression !== "lzw" && compression !== "deflate") continue;
        if (bits >= 8)
          all.push([
            `${compression}, ${name}, ${bits} bits, predictor 2`,
            { ...whole, predictor: 2 },
          ]);
        if (bits < 32) continue;
        const data = whole.data.map((value) => value / 1024 - 7);
        const floats: Content = { ...whole, format: 3, predictor: 3, data: data.map(Math.fround) };
        all.push([`${compression}, ${name}, floats of ${bits} bits, predictor 3`, floats]);
      }
    }
  }
  return all;
}
