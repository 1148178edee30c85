// The image that a package's test and cover are made of: a file, or a held-out image of the run.

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StoredImage } from "../../data/image-types.js";
import { readSample } from "../../data/survey.js";
import { createReader } from "../../node/image-files.js";
import { readRunConfig } from "../../node/run-folder.js";
import { reloadData } from "../train/reload-data.js";

/** Reads it. Throws one line with what to do if there is none. */
export async function packageImage(
  checkpoint: string,
  image: string | undefined,
): Promise<StoredImage> {
  if (image !== undefined) return createReader()({ image });
  const isFolder = statSync(checkpoint, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const run = isFolder ? checkpoint : dirname(checkpoint);
  const ask = "name one by --image, of the kind that the network is for";
  if (!existsSync(join(run, "config.json"))) {
    throw new Error(
      `${checkpoint}: it is not in a run folder, whose held-out images could be shown: ${ask}`,
    );
  }
  const config = await readRunConfig(run);
  const { training, validation } = await reloadData(config).catch((error) => {
    throw new Error(`${(error as Error).message}: no image of the run can be shown: ${ask}`);
  });
  const [first] = [...validation, ...training];
  const { image: shown } = await readSample(first);
  return typeof config.data === "string" ? inBytes(shown) : shown;
}

/** The embedded samples have no files: as their images are written. */
function inBytes({ width, height, channels, data, maximum = 1 }: StoredImage): StoredImage {
  const bytes = Uint8Array.from(data, (value) => Math.round((255 * value) / maximum));
  return { width, height, channels, maximum: 255, data: bytes };
}
