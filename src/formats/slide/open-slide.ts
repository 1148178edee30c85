// Opens slides wherever they are: stores of OME-Zarr by key, zip files and TIFF files by ranges.

import { type ByteSource, blobSource } from "../byte-source.js";
import type { JpegDecoder } from "../jpeg/decode-jpeg.js";
import { isTiff } from "../tiff/signature.js";
import { explained } from "./slide-errors.js";
import type { ReadableStore, Slide } from "./slide-types.js";
import { isUrl, urlSource, urlStore } from "./url-source.js";

/** What a slide is read from: an address, a `File`, bytes by ranges, or a store of Zarr. */
export type SlideInput = string | URL | Blob | ByteSource | ReadableStore;

/**
 * Opens a slide: OME-Zarr 0.4 or 0.5 (an address of http or https, a zip file, any store), or a tiled
 * TIFF or OME-TIFF file of any size (an address whose server serves ranges, a `File`). Only metadata is
 * read; `slide.chunks(...)` then reads what is asked for. `name` is for errors, by default the end of
 * the address or the name of the file. Rejects with a sentence that names the slide.
 *
 * @example
 * const slide = await openSlide("https://example.org/slides/a.ome.zarr");
 * const source = cachedSource(await slide.chunks({ level: 0, channels: [0] }));
 * const pixels = await source.read({ x: 40_000, y: 30_000, width: 1024, height: 1024 });
 */
export async function openSlide(input: SlideInput, name = nameOf(input)): Promise<Slide> {
  if (typeof input === "string" || input instanceof URL) {
    if (!isUrl(input)) {
      throw new Error(`${name}: expected an address that begins with http:// or https://`);
    }
    const { pathname } = new URL(input);
    if (isFileName(pathname)) return openBytes(await urlSource(input, name), name);
    return openZarrStore(await urlStore(input), name);
  }
  if (input instanceof Blob) return openBytes(blobSource(input), name);
  if ("get" in input) return openZarrStore(input, name);
  return openBytes(input, name);
}

async function openZarrStore(store: ReadableStore, name: string): Promise<Slide> {
  const { openZarr } = await import("./zarr-slide.js");
  return openZarr(store, name);
}

async function openBytes(source: ByteSource, name: string): Promise<Slide> {
  const head = await source.read(0, 16);
  if (isTiff(head)) {
    const { openTiffSlide } = await import("./tiff-slide.js");
    return openTiffSlide(source, name, jpegBlocks());
  }
  if (head[0] === 0x50 && head[1] === 0x4b) {
    return openZarrStore(await zipStore(source, name), name);
  }
  throw new Error(
    `${name}: it is no slide that is read here: expected OME-Zarr (a folder, an address or a zip ` +
      "file) or TIFF",
  );
}

async function zipStore(source: ByteSource, name: string): Promise<ReadableStore> {
  const { default: ZipFileStore } = await import("@zarrita/storage/zip");
  const reader = {
    getLength: async () => source.size,
    read: async (offset: number, length: number) =>
      new Uint8Array(await source.read(offset, offset + length)),
  };
  try {
    const store = new ZipFileStore(reader, { transformEntries: fromFolder });
    await store.has("/zarr.json"); // reads the list of the entries
    return store;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw explained(name, new Error(`it is a damaged zip file (${why}): copy it again`));
  }
}

/** The entries of a zip file, from the one folder that it may have been zipped as. */
function fromFolder<T>(entries: Record<string, T>): Record<string, T> {
  const names = Object.keys(entries);
  const folder = names[0]?.slice(0, names[0].indexOf("/") + 1) ?? "";
  if (folder === "" || !names.every((name) => name.startsWith(folder))) return entries;
  return Object.fromEntries(names.map((name) => [name.slice(folder.length), entries[name]]));
}

/** Whether an address is one of a file, and not of a folder with a store. */
const isFileName = (path: string) => /\.(zip|ozx|tiff?|btf|tf[28]|svs|ndpi)$/i.test(path);

function nameOf(input: SlideInput): string {
  if (typeof input === "string" || input instanceof URL) {
    return (
      String(input)
        .replace(/[?#].*$/, "")
        .split("/")
        .filter(Boolean)
        .at(-1) ?? "slide"
    );
  }
  return "name" in input && typeof input.name === "string" ? input.name : "the slide";
}

/** Decodes the JPEG blocks of TIFF files; the decoder is loaded with the first of them. */
function jpegBlocks(): JpegDecoder {
  let decoder: Promise<JpegDecoder> | undefined;
  return async (bytes) => {
    decoder ??= import("../jpeg/index.js").then(({ createJpegDecoder }) => createJpegDecoder());
    return (await decoder)(bytes);
  };
}
