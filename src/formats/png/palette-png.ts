// Class maps as palette images: viewers show their colours, and programs read the indices.

import type { Colour } from "../../data/image-types.js";
import { writeFile } from "./chunks.js";

/** An image of up to 256 colours. */
export interface PaletteImage {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** [height][width] */
  readonly indices: Uint8Array;
  /** Up to 256 colours, by index. */
  readonly palette: readonly Colour[];
}

/**
 * Returns a file of 8 bits per pixel; `compress` is zlib's. Throws for an index without a colour.
 */
export function paletteFile(
  { width, height, indices, palette }: PaletteImage,
  compress: (rows: Uint8Array) => Uint8Array,
): Uint8Array {
  const stranger = indices.find((index) => index >= palette.length);
  if (stranger !== undefined || palette.length > 256 || indices.length !== width * height) {
    throw new RangeError(
      `encodePalettePng: got ${indices.length} indices${stranger === undefined ? "" : ` such as ${stranger}`} ` +
        `and ${palette.length} colours, expected ${width * height} below that number, 256 at most`,
    );
  }
  // Each row follows a byte for "not filtered", as the specification recommends for palettes.
  const rows = new Uint8Array(height * (1 + width));
  for (let y = 0; y < height; y++) {
    rows.set(indices.subarray(y * width, (y + 1) * width), y * (1 + width) + 1);
  }
  const colours = Uint8Array.from(palette.flat());
  return writeFile({ width, height, depth: 8, colourType: 3, palette: colours }, compress(rows));
}
