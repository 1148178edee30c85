// The options for reading image files.

import { type Command, Option } from "commander";
import type { Colours } from "../../data/colour-rule.js";
import type { PageMode } from "../../formats/image-file.js";
import type { ReadOptions } from "../../node/image-files.js";

export interface ImageOptions {
  readonly pages?: TrainingPages;
  readonly colour?: Colours;
}

/** Images of more pixels are read in regions for training. */
const LARGE_IMAGE = 2 ** 25;

/** `--pages` where images are read for training. */
export type TrainingPages = PageMode | "regions";

/** How images are read for training: large ones, or all, in regions that show `context` pixels around them. */
export function trainingReading(
  pages: TrainingPages | undefined,
  context?: number,
): Pick<ReadOptions, "pages" | "regions" | "context"> {
  return pages === "regions" ? { regions: 0, context } : { pages, regions: LARGE_IMAGE, context };
}

/** `--pages`. */
export function pagesOption(): Option {
  return new Option(
    "--pages <WHAT>",
    "how to read the pages of TIFF files: as channels of one image, or as images (default: as the file says)",
  ).choices(["auto", "channels", "images"]);
}

/** Adds `--pages` and `--colour`. */
export function addImageOptions(command: Command): void {
  command.addOption(
    new Option(
      "--pages <WHAT>",
      "how to read the pages of TIFF files: as channels of one image, or as images (default: as the file says); " +
        "regions: images of any size in regions of about 1,024 pixels, as OME-Zarr and images above 2^25 pixels",
    ).choices(["auto", "channels", "images", "regions"]),
  );
  command.addOption(
    new Option(
      "--colour <WHAT>",
      "read all images as grey or as RGB (default: RGB if all are, else grey)",
    ).choices(["grey", "rgb"]),
  );
}
