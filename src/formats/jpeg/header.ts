// Parses the markers of a JPEG file (ITU T.81, annex B) to the end before anything is decoded:
// files for which the decoder would return grey pixels, or take minutes, are refused here.

import { MOST_PIXELS } from "../most-pixels.js";
import { exifOrientation } from "./exif-orientation.js";

export interface JpegHeader {
  /** As stored, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colours. */
  readonly components: 1 | 3;
  /** 1 to 8 as in EXIF; 1 if the file has none. */
  readonly orientation: number;
}

interface Frame extends Omit<JpegHeader, "orientation"> {
  /** The number of 8 x 8 blocks of all components. */
  readonly blocks: number;
}

/** More scans than any encoder writes; each costs a pass over the whole image. */
const MOST_SCANS = 100;
const ADVICE = "save it as TIFF or PNG (Fiji: File > Save As)";

/** Whether a file begins like a JPEG image. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Parses the header and walks over everything that follows. Bytes after the image are ignored.
 * Errors are words that follow a colon after the file's name.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  if (!isJpeg(bytes)) throw new Error("it is not a JPEG image");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Frame | undefined;
  let orientation: number | undefined;
  let scans = 0;
  for (let at = 2; ; ) {
    at = nextMarker(bytes, at);
    const marker = bytes[at + 1];
    if (marker === 0xd9) break;
    at += 2;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    const end = at + 2 <= bytes.length ? at + view.getUint16(at) : Infinity;
    if (end > bytes.length) throw truncated(bytes);
    const segment = bytes.subarray(at + 2, end);
    if (end < at + 2 || marker === 0xd8) throw damaged(`marker ${marker.toString(16)}`);
    if (isFrame(marker)) {
      if (frame) throw damaged("it has two headers");
      frame = readFrame(marker, segment);
    } else if (marker === 0xe1) orientation ??= exifOrientation(segment);
    else if (marker === 0xda && ++scans > MOST_SCANS) throw damaged(`over ${MOST_SCANS} scans`);
    at = end;
  }
  if (frame === undefined || scans === 0) {
    throw damaged("its header or its pixels are missing");
  }
  // Each block takes at least one bit: missing pixels would be grey.
  if (frame.blocks > 8 * bytes.length) throw truncated(bytes);
  const { width, height, components } = frame;
  return { width, height, components, orientation: orientation ?? 1 };
}

/** Returns the position of the next marker that is not part of the compressed pixels. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    // 0 escapes a data byte of 255, another 255 is a fill byte, the others are restart markers.
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  throw truncated(bytes);
}

/** SOF0 to SOF15, without the tables and the extension whose numbers are in between. */
export function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function readFrame(marker: number, segment: Uint8Array): Frame {
  if (marker > 0xc2) {
    const kind = marker < 0xc9 && (marker & 3) === 3 ? "lossless" : "arithmetic or hierarchical";
    throw new Error(`it is a JPEG image of a kind that is not supported (${kind}): ${ADVICE}`);
  }
  const [bits, , , , , components] = segment;
  if (segment.length < 6 || segment.length < 6 + 3 * components) throw damaged("a short header");
  if (bits !== 8) {
    throw new Error(`it is a JPEG image with ${bits} bits per sample, expected 8: ${ADVICE}`);
  }
  if (components !== 1 && components !== 3) {
    const what = components === 4 ? " (CMYK, colours of ink)" : "";
    const expected = "expected 1 (grey) or 3 (colours)";
    throw new Error(`it is a JPEG image of ${components} channels${what}, ${expected}: ${ADVICE}`);
  }
  const [height, width] = [(segment[1] << 8) | segment[2], (segment[3] << 8) | segment[4]];
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    throw new Error(
      `its header says ${width}x${height} pixels, expected 1 to ${MOST_PIXELS} pixels in all`,
    );
  }
  const factors = Array.from({ length: components }, (_, i) => segment[7 + 3 * i]);
  const [across, down] = [factors.map((f) => f >> 4), factors.map((f) => f & 15)];
  if ([...across, ...down].some((factor) => factor < 1 || factor > 4)) {
    throw damaged("sampling factors");
  }
  if (across[0] < Math.max(...across) || down[0] < Math.max(...down)) {
    throw new Error(`it is a JPEG image whose first channel is the coarser one: ${ADVICE}`);
  }
  const along = (size: number, factor: number, most: number) =>
    Math.ceil(Math.ceil((size * factor) / most) / 8);
  const blocks = factors.reduce(
    (sum, _, i) =>
      sum +
      along(width, across[i], Math.max(...across)) * along(height, down[i], Math.max(...down)),
    0,
  );
  return { width, height, components, blocks };
}

function truncated(bytes: Uint8Array): Error {
  return new Error(`it ends early, after ${bytes.length} bytes, within a JPEG image`);
}

function damaged(what: string): Error {
  return new Error(`it is a damaged JPEG image (${what})`);
}
