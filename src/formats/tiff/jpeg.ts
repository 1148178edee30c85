// JPEG within TIFF (TIFF 6.0, supplement 2): a strip or tile and the shared tables are combined
// into one stream for a decoder of JPEG files.

import { isFrame } from "../jpeg/header.js";

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;

/** Splits a stream into its markers up to the scan, each with its segment, and the rest. */
function parts(bytes: Uint8Array): { segments: Uint8Array[]; rest: Uint8Array } {
  if (bytes[0] !== 0xff || bytes[1] !== START) {
    throw new Error("damaged JPEG data: it does not begin like a JPEG image");
  }
  const segments: Uint8Array[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff) throw new Error("damaged JPEG data: a marker is missing");
    if (marker === 0xff)
      at++; // there may be fill bytes between markers
    else if (marker === END) break;
    else if (marker === SCAN) return { segments, rest: bytes.subarray(at) };
    else {
      const end = at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
      if (end > bytes.length) throw new Error("damaged JPEG data: a segment ends early");
      segments.push(bytes.subarray(at, end));
      at = end;
    }
  }
  return { segments, rest: bytes.subarray(bytes.length) };
}

/**
 * Combines a block and the shared tables into one stream. `isYcc` determines the meaning of three
 * components, whatever the stream's markers say. Throws if the size exceeds `most`, or if it cannot
 * be decoded.
 */
export function jpegStream(
  block: Uint8Array,
  tables: Uint8Array | undefined,
  isYcc: boolean,
  most: { readonly width: number; readonly height: number },
): Uint8Array {
  const { segments, rest } = parts(block);
  if (rest.length === 0) throw new Error("damaged JPEG data: it has no scan");
  const frame = segments.find(([, marker]) => isFrame(marker));
  if (frame === undefined) throw new Error("damaged JPEG data: it has no frame");
  if (frame[1] > 0xc2 || frame[4] !== 8) {
    throw new Error(
      `it is JPEG data of another kind (0x${frame[1].toString(16)}, ${frame[4]} bits)`,
    );
  }
  const [height, width] = [frame[5] * 256 + frame[6], frame[7] * 256 + frame[8]];
  // Blocks at the edge may be padded to whole groups of pixels.
  if (!(width >= 1 && height >= 1 && width <= most.width + 64 && height <= most.height + 64)) {
    throw new Error(
      `its JPEG data has ${width}x${height} pixels, expected ${most.width}x${most.height}`,
    );
  }
  // The markers for the colours, JFIF (APP0) and Adobe's (APP14), are replaced.
  const kept = (list: readonly Uint8Array[]) =>
    list.filter(([, marker]) => marker !== 0xe0 && marker !== 0xee);
  const adobe = [0xff, 0xee, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, isYcc ? 1 : 0];
  return joined([
    Uint8Array.of(0xff, START),
    ...(frame[9] === 3 ? [Uint8Array.from(adobe)] : []),
    ...(tables ? kept(parts(tables).segments) : []),
    ...kept(segments),
    rest,
  ]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
