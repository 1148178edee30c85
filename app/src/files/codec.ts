// Encodes images as files and decodes them to the same numbers; reads the metadata of checkpoints.

import { bytesSource, openImageFile } from "../../../src/formats/index.js";
import { decodePng, encodePng } from "../../../src/formats/png/index.js";
import { encodeTiff } from "../../../src/formats/tiff/index.js";
import type { RawImage } from "../../../src/index.js";
import { checkpointFacts } from "../storage/checkpoint-facts.js";
import { type Codec, fitsPng } from "../storage/project-files.js";

export const imageCodec: Codec = {
  async encode(raw) {
    if (!fitsPng(raw)) return encodeTiff(raw);
    const { width, height, channels, maximum, data } = raw;
    const bitDepth = maximum > 255 ? 16 : 8;
    return encodePng({ width, height, channels: channels === 1 ? 1 : 3, bitDepth, data });
  },
  async decode(bytes, name): Promise<RawImage> {
    const content = await openImageFile(bytesSource(bytes), name, { png: decodePng });
    return content.page(0);
  },
  readCheckpoint: checkpointFacts,
};
