// The files of a dropped folder as a store of Zarr.

import type { ReadableStore } from "../../../src/slides.js";
import type { NamedFile } from "../images/sort-files.js";

/** Where the metadata of a Zarr group are: of versions 2 and 3. */
const METADATA = /(^|\/)(\.zattrs|\.zgroup|zarr\.json)$/;

/** The folder of the store among the files: the one nearest to the root with metadata; undefined if there is none. */
export function storeFolder(files: readonly { readonly path: string }[]): string | undefined {
  const folders = files
    .filter(({ path }) => METADATA.test(path))
    .map(({ path }) => path.slice(0, path.lastIndexOf("/") + 1));
  if (folders.length === 0) return undefined;
  return folders.reduce((least, folder) => (folder.length < least.length ? folder : least));
}

/** The store of the folder; its values are read when they are asked for. */
export function fileStore(files: readonly NamedFile[]): ReadableStore {
  const folder = storeFolder(files) ?? "";
  const byKey = new Map(files.map(({ path, file }) => [path, file]));
  const fileAt = (key: string) => byKey.get(folder + key.slice(1));
  return {
    async get(key) {
      const file = fileAt(key);
      return file && new Uint8Array(await file.arrayBuffer());
    },
    async getRange(key, range) {
      const file = fileAt(key);
      if (!file) return undefined;
      const [start, end] =
        "suffixLength" in range
          ? [Math.max(0, file.size - range.suffixLength), file.size]
          : [range.offset, range.offset + range.length];
      return new Uint8Array(await file.slice(start, end).arrayBuffer());
    },
  };
}
