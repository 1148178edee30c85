// Stored integers as PNG files.

import { decodePng, encodePng } from "../../../src/png/index.js";
import type { Codec } from "../storage/project-files.js";

/** 16 bits where 8 do not hold the values. */
export const pngCodec: Codec = {
  async encode({ width, height, channels, maximum, data }) {
    const bitDepth = maximum > 255 ? 16 : 8;
    return encodePng({ width, height, channels: channels === 1 ? 1 : 3, bitDepth, data });
  },
  decode: async (bytes, name) => decodePng(bytes, name),
};
