// Guesses by the first bytes what a file is if it is not an image of a supported format.

import type { ByteSource } from "./byte-source.js";

/** As many bytes as the signatures need: tar's is at 257, NIfTI's at 344. */
const BEGINNING = 1024;

/** Bytes at `at`, by default at the beginning, and what they indicate; the words follow "it is". */
const SIGNATURES: readonly (readonly [what: string, begin: string, at?: number])[] = [
  ["a GIF image", "GIF8"],
  ["a WebP image", "WEBP", 8],
  ["a Photoshop file (PSD)", "8BPS"],
  ["a file of a Zeiss microscope (CZI)", "ZISRAWFILE"],
  ["a file of a Nikon microscope (ND2)", "\xda\xce\xbe\x0a"],
  ["a JPEG 2000 image or a file of a Nikon microscope (JP2, ND2)", "\0\0\0\x0cjP  "],
  ["a file of a Leica microscope (LIF)", "\x70\0\0\0"],
  ["a file of an Olympus or Zeiss microscope (OIB, ZVI)", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["a file of an Olympus microscope (VSI, ETS)", "SIS\0"],
  ["an HDF5 file (HDF5, Imaris, ilastik)", "\x89HDF\r\n\x1a\n"],
  ["a NIfTI volume", "n+1\0", 344],
  ["a NIfTI header", "ni1\0", 344],
  ["a DICOM image", "DICM", 128],
  ["an MRC volume", "MAP ", 208],
  ["an OpenEXR image", "\x76\x2f\x31\x01"],
  ["a HEIC or AVIF image", "ftyp", 4],
  ["a JPEG XL image", "\xff\x0a"],
  ["a JPEG XL image", "\0\0\0\x0cJXL "],
  ["a NumPy array", "\x93NUMPY"],
  ["a MATLAB file", "MATLAB "],
  ["a PDF file", "%PDF"],
  ["a PostScript file", "%!PS"],
  ["a zip archive", "PK\x03\x04"],
  ["a gzip archive (NIfTI volumes come so too)", "\x1f\x8b"],
  ["a 7z archive", "7z\xbc\xaf\x27\x1c"],
  ["a RAR archive", "Rar!"],
  ["a tar archive", "ustar", 257],
  ["the metadata that macOS stores next to a file (AppleDouble), not the file", "\0\x05\x16\x07"],
];

const SAVE = "save it as TIFF or PNG (Fiji: File > Save As)";

/** Returns a sentence without the file's name: what it seems to be, and what to do. */
export async function describeUnread(source: ByteSource): Promise<string> {
  if (source.size === 0) return "it is empty, expected an image: copy or save it again";
  const bytes = await source.read(0, BEGINNING);
  const begin = String.fromCharCode(...bytes.subarray(0, BEGINNING));
  const known = SIGNATURES.find(([, text, at = 0]) => begin.startsWith(text, at));
  if (known) return `it is ${known[0]}, which is not supported: ${unpackOrSave(known[0])}`;
  if (begin.startsWith("BM") && bytes.length > 14 && bytes[6] + bytes[7] === 0) {
    return `it is a BMP image, which is not supported: ${SAVE}`;
  }
  if (bytes.every((byte) => byte === 0)) {
    return "it has only zeros where an image begins: copy or save it again";
  }
  return `it is ${text(bytes, begin) ?? unknown(bytes)}: ${SAVE}`;
}

function unpackOrSave(what: string): string {
  return what.includes("archive") ? "unpack it first" : SAVE;
}

function text(bytes: Uint8Array, begin: string): string | undefined {
  const start = begin.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (start.startsWith("version https://git-lfs")) {
    return "what Git stores instead of a large file, which `git lfs pull` would fetch, not an image";
  }
  // Tab, line feed, carriage return, and everything from the blank on: bytes above 127 are letters
  // too.
  const printable = bytes.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
  if (!printable) return undefined;
  if (/^<(\?xml|!--)[\s\S]*<svg|^<svg/i.test(start)) return "an SVG drawing, which has no pixels";
  if (/^<!doctype html|^<html/i.test(start)) return "a web page (HTML), not an image";
  return `a text, not an image (it begins with ${JSON.stringify(start.slice(0, 16))})`;
}

function unknown(bytes: Uint8Array): string {
  const first = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return `not a PNG, TIFF or JPEG image (it begins with the bytes ${first.join(" ")})`;
}
