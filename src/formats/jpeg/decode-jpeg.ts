// Decodes JPEG images with libjpeg-turbo as WebAssembly, the decoder of most browsers and of
// Python's Pillow. This gives the same values in Node and in every page; the decoders of browsers
// would also accept damaged files.

import type { RawImage } from "../../data/image-types.js";
import { turned } from "./exif-orientation.js";
import { type JpegHeader, readJpegHeader } from "./header.js";

/** Decoded samples: a strip or tile of a TIFF file, or an image. */
export interface JpegPixels {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /**
   * 1 for grey, 3 for RGB, or for 3 channels as stored if an Adobe marker says that no colours were
   * converted.
   */
  readonly components: 1 | 3;
  /** [height][width][components] */
  readonly data: Uint8Array;
}

/** Decodes one image at a time. Errors are words that follow a colon after the file's name. */
export type JpegDecoder = (bytes: Uint8Array) => Promise<JpegPixels>;

/** The functions of the module of libjpeg-turbo, once it is loaded. */
interface Library {
  readonly JPEGDecoder: new () => {
    /** Returns memory for the compressed bytes. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws even for warnings: pixels that could not be decoded would be grey. */
    decode(): void;
    /** Returns a view of the library's memory. */
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): { width: number; height: number; componentCount: number };
    delete(): void;
  };
}

/**
 * Returns a decoder that loads the library when it is first called and keeps it: about 60 MB of
 * addresses.
 */
export function createJpegDecoder(): JpegDecoder {
  let library: Promise<Library> | undefined;
  return async (bytes) => {
    const header = readJpegHeader(bytes);
    library ??= loadLibrary();
    try {
      const data = withPixels(await library, bytes, header, (pixels) => pixels.slice());
      return { width: header.width, height: header.height, components: header.components, data };
    } catch (error) {
      // After it has thrown, its memory would never be freed.
      library = undefined;
      throw error;
    }
  };
}

/**
 * Decodes an image file: one channel for a grey file, three for a coloured one, upright according
 * to EXIF. Throws one sentence that names the file.
 */
export async function decodeJpeg(bytes: Uint8Array, fileName: string): Promise<RawImage> {
  try {
    const header = readJpegHeader(bytes);
    const library = await loadLibrary();
    return withPixels(library, bytes, header, (pixels) => planesOf(pixels, header));
  } catch (error) {
    throw new Error(`${fileName}: ${error instanceof Error ? error.message : error}`);
  }
}

async function loadLibrary(): Promise<Library> {
  const { load, wasm } = await import("./libjpeg.generated.js");
  const wasmBinary = Uint8Array.from(atob(wasm), (letter) => letter.charCodeAt(0));
  const silent = () => {};
  return load({ wasmBinary, print: silent, printErr: silent });
}

/** Decodes, and calls back with the interleaved samples while the library holds them. */
function withPixels<T>(
  library: Library,
  bytes: Uint8Array,
  { width, height, components }: JpegHeader,
  use: (pixels: Uint8Array) => T,
): T {
  const decoder = new library.JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decodeAll(decoder);
    const got = decoder.getFrameInfo();
    if (got.width !== width || got.height !== height || got.componentCount !== components) {
      throw new Error(
        `it decodes to ${got.width}x${got.height}x${got.componentCount} samples, ` +
          `expected ${width}x${height}x${components} as its header says`,
      );
    }
    return use(decoder.getDecodedBuffer());
  } finally {
    decoder.delete();
  }
}

function decodeAll(decoder: InstanceType<Library["JPEGDecoder"]>): void {
  try {
    decoder.decode();
  } catch {
    // It throws numbers, which are addresses.
    throw new Error("it is a damaged JPEG image (its pixels cannot be decoded to the end)");
  }
}

function planesOf(pixels: Uint8Array, header: JpegHeader): RawImage {
  const { width, height, components, orientation } = header;
  const to = turned(width, height, orientation);
  const count = width * height;
  const image = { width: to.width, height: to.height, channels: components, maximum: 255 };
  if (components === 1 && orientation === 1) return { ...image, data: pixels.slice() };
  const data = new Uint8Array(components * count);
  let at = 0;
  for (let y = 0; y < height; y++) {
    let target = to.start + y * to.dy;
    for (let x = 0; x < width; x++, target += to.dx) {
      data[target] = pixels[at++];
      if (components === 1) continue;
      data[count + target] = pixels[at++];
      data[2 * count + target] = pixels[at++];
    }
  }
  return { ...image, data };
}
