// Decides which pages are supported, with error messages for the others.

import type { Layout } from "./page-layout.js";
import { MOST_SAMPLES, outputBytes } from "./tiff-limits.js";

/** Compressions by number; those that are not supported have advice. */
export const COMPRESSION = {
  none: [1],
  lzw: [5],
  jpeg: [7],
  deflate: [8, 32946],
  packBits: [32773],
  zstd: [50000],
} as const;
export type Codec = keyof typeof COMPRESSION;

const OTHER_COMPRESSIONS: Readonly<Record<number, string>> = {
  2: "CCITT, of fax machines",
  3: "CCITT group 3, of fax machines",
  4: "CCITT group 4, of fax machines",
  6: "old-style JPEG",
  32809: "ThunderScan",
  32908: "PixarFilm",
  32909: "PixarLog",
  33003: "JPEG 2000",
  33004: "JPEG 2000",
  33005: "JPEG 2000",
  34661: "JBIG",
  34676: "SGI LogLuv",
  34677: "SGI LogLuv",
  34712: "JPEG 2000",
  34887: "LERC",
  34892: "lossy JPEG",
  34925: "LZMA",
  34933: "PNG",
  34934: "JPEG XR",
  50001: "WebP",
  50002: "JPEG XL",
  52546: "JPEG XL",
};
const OTHER_PHOTOMETRICS: Readonly<Record<number, string>> = {
  5: "inks, mostly CMYK",
  6: "YCbCr",
  8: "CIE L*a*b*",
  9: "ICC L*a*b*",
  10: "ITU L*a*b*",
  32803: "raw pixels of a camera's colour filter",
  32844: "LogL",
  32845: "LogLuv",
  34892: "raw pixels of a camera",
};

export const codecOf = ({ compression }: Layout): Codec | undefined =>
  (Object.keys(COMPRESSION) as Codec[]).find((codec) =>
    (COMPRESSION[codec] as readonly number[]).includes(compression),
  );

const named = (value: number, names: Readonly<Record<number, string>>) =>
  names[value] === undefined ? `${value}` : `${value} (${names[value]})`;

/**
 * Throws a sentence without the file's name if a page is not supported. `isRead` says how: as a whole,
 * which limits its size, or by parts.
 */
export function refuseUnserved(
  layout: Layout,
  fileBytes: number,
  isRead: "whole" | "by parts" = "whole",
): void {
  const { width, height, samples, depth, orientation, fillOrder } = layout;
  if (![width, height, samples].every((n) => Number.isSafeInteger(n) && n >= 1)) {
    throw new Error(
      `it claims ${width}x${height} pixels of ${samples} samples, expected 1 or more`,
    );
  }
  const says = (tag: string, value: unknown, expected: string) =>
    new Error(`its tag ${tag} is ${value}, expected ${expected}`);
  refuseCodec(layout, says);
  refuseNumbers(layout, says);
  if (depth > 1) {
    throw says(
      "ImageDepth",
      depth,
      "1: save the volume as a stack of pages (Fiji: Save As > Tiff)",
    );
  }
  if (!(orientation >= 1 && orientation <= 8)) throw says("Orientation", orientation, "1 to 8");
  if (fillOrder !== 1 && fillOrder !== 2) throw says("FillOrder", fillOrder, "1 or 2");
  if (isRead === "whole") refuseSize(layout, fileBytes);
}

type Says = (tag: string, value: unknown, expected: string) => Error;

function refuseCodec(layout: Layout, says: Says): void {
  const { compression, photometric, predictor, bits, formats, samples, isPlanar } = layout;
  const codec = codecOf(layout);
  if (codec === undefined) {
    throw says(
      "Compression",
      named(compression, OTHER_COMPRESSIONS),
      "none (1), LZW (5), JPEG (7), deflate (8, 32946), PackBits (32773) or ZSTD (50000): save it " +
        "uncompressed or with LZW (Fiji: Save As > Tiff)",
    );
  }
  const isJpeg = codec === "jpeg";
  if (![0, 1, 2, 3, 4].includes(photometric) && !(photometric === 6 && isJpeg)) {
    throw says(
      "PhotometricInterpretation",
      named(photometric, OTHER_PHOTOMETRICS),
      "grey (0, 1), RGB (2) or a palette (3): save it as RGB (Fiji: Image > Type > RGB Color)",
    );
  }
  if (isJpeg) {
    if (bits[0] !== 8 || bits.length > 1 || formats[0] !== 1) {
      throw says("BitsPerSample", bits.join(", "), "8 in a file with JPEG compression");
    }
    if (!isPlanar && samples !== 1 && samples !== 3) {
      throw says("SamplesPerPixel", samples, "1 or 3 in a file with JPEG compression");
    }
    return;
  }
  if (![1, 2, 3].includes(predictor)) {
    throw says("Predictor", predictor, "1, 2 (differences along rows) or 3 (of floats)");
  }
  if (predictor !== 1 && (codec === "none" || codec === "packBits")) {
    // Some programs apply it in this case, others do not.
    throw says("Predictor", predictor, "1 where nothing is compressed, or by PackBits");
  }
  if (predictor === 2 && ![8, 16, 32, 64].includes(bits[0])) {
    throw says("Predictor", predictor, `1 for ${bits[0]} bits`);
  }
  if (predictor === 3 && formats[0] !== 3) throw says("Predictor", 3, "1 or 2 for whole numbers");
}

function refuseNumbers({ bits, formats, photometric, samples, extra }: Layout, says: Says): void {
  if (bits.length > 1) {
    throw says("BitsPerSample", bits.join(", "), "the same for all channels: save them as 8 or 16");
  }
  if (formats.length > 1) {
    throw says("SampleFormat", formats.join(", "), "the same for all channels");
  }
  const [[size], [format]] = [bits, formats];
  if (![1, 2, 3].includes(format)) {
    const complex = format === 5 || format === 6 ? " (complex numbers)" : "";
    throw says("SampleFormat", `${format}${complex}`, "1 or 2, whole numbers, or 3, floats");
  }
  const isWhole = (size >= 1 && size <= 16) || size === 32 || size === 64;
  if (format === 3 ? ![16, 24, 32, 64].includes(size) : !isWhole) {
    const expected = format === 3 ? "16, 24, 32 or 64 for floats" : "1 to 16, 32 or 64";
    throw says("BitsPerSample", size, `${expected}: save it as 16 bits (Fiji: Image > Type)`);
  }
  if (photometric === 3 && (format !== 1 || size > 16 || samples - extra.length > 1)) {
    throw new Error(
      `its tag ColorMap belongs to ${samples} samples of ${size} bits, expected one of 1 to 16`,
    );
  }
  if (photometric === 2 && samples < 3) throw says("SamplesPerPixel", samples, "3 for RGB");
}

function refuseSize(layout: Layout, fileBytes: number): void {
  const { width, height, samples, blockWidth, blockHeight } = layout;
  const bytes = outputBytes(layout);
  if (!(width * height * samples <= MOST_SAMPLES)) {
    const what = samples === 1 ? `${width}x${height}` : `${width}x${height}x${samples}`;
    throw new Error(`it claims ${what} pixels, expected 1 to ${MOST_SAMPLES} in all`);
  }
  // No picture compresses so well, but a damaged header may contain anything.
  if (bytes > Math.max(2 ** 27, 128 * fileBytes)) {
    throw new Error(
      `it claims ${width}x${height}x${samples} pixels, ${bytes} bytes, in a file of ${fileBytes} ` +
        "bytes: it is damaged, or so empty that it should be saved smaller or uncompressed",
    );
  }
  const block = blockWidth * blockHeight;
  // Tiles may be larger than the image, within limits for files of any size.
  if (!(block >= 1 && block <= Math.max(2 ** 22, 4 * width * height))) {
    throw new Error(
      `its tiles have ${blockWidth}x${blockHeight} pixels, expected 1 to about ${width}x${height}`,
    );
  }
}
