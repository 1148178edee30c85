// The tuning table in Node: one JSON file in the user's cache folder.

import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { TuningCache } from "../gpu/adapter-entries.js";
import { cacheFolder } from "./cache-folder.js";
import { ensureFolder, explainReason, writeFileAtomic } from "./run-files.js";

/** Returns the file of the cache: MICROGRAPH_KERNEL_CACHE if set; undefined if it is "off". */
export function tuningCacheFile(setting = process.env.MICROGRAPH_KERNEL_CACHE): string | undefined {
  if (setting === "off") return undefined;
  return setting || join(cacheFolder(), "micrograph", "kernels.json");
}

/** Returns the file of the doctor's results, next to the tuning cache; undefined if that is "off". */
export function doctorFile(tuning = tuningCacheFile()): string | undefined {
  return tuning && join(dirname(tuning), `${basename(tuning, ".json")}-doctor.json`);
}

/** Storage in a file that is read as a whole, and written completely or not at all. */
export function fileStorage(path: string): TuningCache {
  return {
    name: path,
    async read() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw new Error(explainReason(error), { cause: error });
      }
    },
    async write(text) {
      await ensureFolder(dirname(path));
      await writeFileAtomic(path, text);
    },
  };
}
