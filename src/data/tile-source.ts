// Images that are read area by area.

import { kindOf } from "../arguments/numbers.js";
import type { Samples } from "./image-types.js";
import type { Tile } from "./mirror.js";

/** An image of any size that is read area by area: from chunks of a file, from a server. */
export interface TileSource {
  /** In pixels. */
  readonly width: number;
  /** Rows of the whole image, in pixels. */
  readonly height: number;
  /** Channels that `read` gives. */
  readonly channels: number;
  /** Each value is what is read divided by this, as in a `StoredImage`. By default 1. */
  readonly maximum?: number | undefined;
  /**
   * Returns the pixels of an area inside the image, [channels][area.height][area.width]; what a
   * tile shows past the edges is mirrored from them. Two areas may be requested at the same time.
   */
  read(area: Tile): Samples | Promise<Samples>;
}

/**
 * Returns the source with checks of its answers. Throws unless sizes are whole numbers from 1;
 * reading rejects with a sentence that names the image and the area.
 */
export function checkedSource(source: TileSource, name: string): TileSource {
  const { width, height, channels, maximum = 1 } = source ?? {};
  for (const [what, size] of Object.entries({ width, height, channels })) {
    if (Number.isSafeInteger(size) && size > 0) continue;
    throw new Error(
      `${name}: the ${what} of a source must be a whole number from 1, got ${kindOf(size)}`,
    );
  }
  if (!(Number.isFinite(maximum) && maximum > 0)) {
    throw new Error(
      `${name}: the maximum of a source must be a number above 0, got ${kindOf(maximum)}`,
    );
  }
  if (typeof source.read !== "function") {
    throw new Error(`${name}: a source must have a function read, got ${kindOf(source.read)}`);
  }
  return {
    width,
    height,
    channels,
    maximum,
    async read(area) {
      let data: Samples;
      try {
        data = await source.read(area);
      } catch (error) {
        throw failedArea(error, `${name}: its pixels`, area, "cannot be read");
      }
      const count = channels * area.width * area.height;
      if (ArrayBuffer.isView(data) && data.length === count && typeof data[0] === "number") {
        return data;
      }
      const got = ArrayBuffer.isView(data) ? `${data.length} of them` : kindOf(data);
      throw new Error(
        `${name}: its pixels ${areaText(area)} are ${count} numbers in a typed array, the source gave ${got}`,
      );
    },
  };
}

/**
 * Returns an error of the caller's code, with what was being done; `cause` is the original error.
 */
export function failedArea(error: unknown, what: string, area: Tile, failed: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${what} ${areaText(area)} ${failed}: ${message}`, { cause: error });
}

function areaText({ x, y, width, height }: Tile): string {
  return `of the area ${width} x ${height} at x ${x}, y ${y}`;
}
