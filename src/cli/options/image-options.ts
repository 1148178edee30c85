// The options for reading image files.

import { type Command, Option } from "commander";
import type { Colours } from "../../data/colour-rule.js";
import type { PageMode } from "../../formats/image-file.js";

export interface ImageOptions {
  readonly pages?: PageMode;
  readonly colour?: Colours;
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
  command.addOption(pagesOption());
  command.addOption(
    new Option(
      "--colour <WHAT>",
      "read all images as grey or as RGB (default: RGB if all are, else grey)",
    ).choices(["grey", "rgb"]),
  );
}
