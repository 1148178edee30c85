// The page of video.test.ts: coloured frames of YUV through the GPU and through `readImage`.

import type { Kernels } from "../../src/canvas/kernels.js";
import { copyPicture } from "../../src/canvas/picture-source.js";
import { imageFromRaw, readImage, requestDevice } from "../../src/index.js";
import { throughIdentity } from "../canvas/identity.js";

/** Planes of a square frame, the chroma in half of its resolution or in all of it. */
export interface FramePlanes {
  readonly side: number;
  readonly format: "I420" | "I444";
  readonly matrix: "bt709" | "smpte170m";
  readonly fullRange: boolean;
  /** Y, U, V. */
  readonly bytes: readonly number[];
}

/**
 * Returns the frame as the network gets it through the GPU and as `readImage` reads it,
 * [channels][y][x] of 0 to 255. Its first pixel is black and its last one white, by which the
 * normalisation is undone.
 */
export async function framesByBothRoads(frames: readonly FramePlanes[]) {
  using device = await requestDevice();
  const found: { gpu: number[]; processor: number[] }[] = [];
  for (const { side, format, matrix, fullRange, bytes } of frames) {
    const frame = new VideoFrame(Uint8Array.from(bytes), {
      format,
      codedWidth: side,
      codedHeight: side,
      timestamp: 0,
      colorSpace: { matrix, fullRange, primaries: "bt709", transfer: "bt709" },
    });
    const { data } = imageFromRaw(await readImage(frame, "frame"));
    const sourceOf = (kernels: Kernels) => copyPicture(device.gpu, kernels, frame, "frame");
    const how = { channels: 3, tile: side, side, symmetries: 1 };
    const normalised = await throughIdentity(device, sourceOf, how);
    frame.close();
    const count = side * side;
    const gpu = Array.from(normalised, (value, i) => {
      const black = normalised[i - (i % count)];
      const white = normalised[i - (i % count) + count - 1];
      return (255 * (value - black)) / (white - black);
    });
    found.push({ gpu, processor: Array.from(data, (value) => 255 * value) });
  }
  return found;
}
