// Small pictures of what a label file holds, and of what is made of it.

import { classPicture, imagePicture, type LabelDecision, readLabel } from "../../../src/index.js";
import type { AskedLabels } from "./label-question.js";

/** The file as it is: its numbers in a colour each, or its greys where they are soft or see-through. */
export function labelBefore({ kind, part }: AskedLabels): ImageData {
  const { width, height, alpha, indices, channels } = part;
  if (kind === "alpha" && alpha) {
    return seen({ ...part, channels: 1, data: alpha });
  }
  if (kind === "soft-edges" || kind === "grey-levels" || (channels === 3 && !indices)) {
    return seen(part);
  }
  const values = indices ?? part.data;
  const known = new Map<number, number>([[0, 0]]);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const index = known.get(values[i]) ?? known.size;
    known.set(values[i], index);
    // Black is what no cell has.
    data[i] = index === 0 ? 0 : 1 + ((index - 1) % 253);
  }
  return asImageData(classPicture({ width, height, data }));
}

/** What the decision makes of it, in the library's class colours; empty where it cannot be read so. */
export function labelAfter(
  { part, file }: AskedLabels,
  decision: LabelDecision,
): ImageData | undefined {
  try {
    return asImageData(classPicture(readLabel(part, file, decision).label));
  } catch {
    return undefined;
  }
}

const seen = (raw: AskedLabels["part"]) => asImageData(imagePicture(raw));

function asImageData({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}): ImageData {
  return new ImageData(data, width, height);
}
