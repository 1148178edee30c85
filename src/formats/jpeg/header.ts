// The markers of a JPEG file (ITU T.81, annex B), walked to the end before anything is decoded: what
// the decoder would fill with grey, or take minutes for, is refused here.

import { MOST_PIXELS } from "../most-pixels.js";
import { exifOrientation } from "./exif-orientation.js";

export interface JpegHeader {
  /** As stored: before the orientation counts. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colours. */
  readonly components: 1 | 3;
  /** 1 to 8, as EXIF counts them; 1 where the file says nothing. */
  readonly orientation: number;
}

interface Frame extends Omit<JpegHeader, "orientation"> {
  /** Of 8 x 8 samples, of all components. */
  readonly blocks: number;
}

/** More scans than any encoder writes; each costs a pass over the whole image. */
const MOST_SCANS = 100;
const ADVICE = "save it as TIFF or PNG (Fiji: File > Save As)";

/** Whether a file begins as a JPEG image does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Reads the header, and walks over all that follows it. Bytes after the image count for nothing.
 * Errors, without the file's name: what is wrong, in words that follow a colon.
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
  // Each block takes a bit at least: pixels that are not there would be grey.
  if (frame.blocks > 8 * bytes.length) throw truncated(bytes);
  const { width, height, components } = frame;
  return { width, height, components, orientation: orientation ?? 1 };
}

/** Where the next marker is that does not belong to the compressed pixels. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    // 0 marks a byte of the pixels that is 255, a second 255 is a filler, the rest are restarts.
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  throw truncated(bytes);
}

/** SOF0 to SOF15, without the tables and the extension whose numbers lie between. */
export function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function readFrame(marker: number, segment: Uint8Array): Frame {
  if (marker > 0xc2) {
    const kind = marker < 0xc9 && (marker & 3) === 3 ? "lossless" : "arithmetic or hierarchical";
    throw new Error(`it is a JPEG image of a kind that is not read here (${kind}): ${ADVICE}`);
  }
  const [bits, , , , , components] = segment;
  if (segment.length < 6 || segment.length < 6 + 3 * components) throw damaged("a short header");
  if (bits !== 8) {
    throw new Error(`it is a JPEG image of ${bits} bits a sample, expected 8: ${ADVICE}`);
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
