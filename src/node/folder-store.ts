// A folder as a store of Zarr: a file per key.

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import FileSystemStore from "@zarrita/storage/fs";
import type { WritableStore } from "../formats/slide/slide-types.js";
import { writeFileAtomic } from "./run-files.js";

/** A store whose files are written under a temporary name, then renamed. */
export function folderStore(folder: string): WritableStore {
  const store = new FileSystemStore(folder);
  const made = new Set<string>();
  return {
    get: (key, options) => store.get(key, options),
    getRange: (key, range, options) => store.getRange(key, range, options),
    async set(key, value) {
      const path = join(folder, key.slice(1));
      const parent = dirname(path);
      if (!made.has(parent)) await mkdir(parent, { recursive: true });
      made.add(parent);
      await writeFileAtomic(path, value);
    },
  };
}
