// README.md of a package: for people who run the network in another program.

import type { Normalisation } from "../../data/normalise.js";
import type { ValidationFigures } from "../../train/training-types.js";
import { FILES, type PackageParts, smallestTile } from "./describe-model.js";
import type { BioimageioOptions } from "./package-options.js";

/** Returns the text. */
export function readmeText(options: BioimageioOptions, parts: PackageParts): string {
  const { name, description = "", authors, licence } = options;
  const { model, metadata, maps, maximum, sizes } = parts;
  const { progress, training } = metadata;
  const smallest = smallestTile(sizes);
  const lines = [
    `# ${name}`,
    "",
    ...(description ? [description, ""] : []),
    `${model.title}, trained with Micrograph. By ${authors
      .map((one) => one.name)
      .join(", ")}; licence ${licence}.`,
    "",
    "## Images",
    "",
    `- ${channelsOf(metadata.model.channels)}, values as in the file; ${normalisationWords(metadata.normalisation, maximum)}.`,
    `- Height and width: at least ${smallest} pixels, multiples of ${sizes.step}. In tiles ${sizes.halo} pixels at each side overlap and`,
    "  are cut; programs read this from the description. The border of the image is mirrored inside the network.",
    `- The output has a map per class, probabilities from 0 to 1: ${maps.join(", ")}.`,
    "",
    "## Validation",
    "",
    ...figureLines(progress?.best, training?.steps ?? progress?.step),
    "",
    "To validate it on images of your own: predict them, label some of them, and compare, for example by",
    "`micrograph predict --checkpoint PACKAGE --input images -o masks` and `micrograph evaluate --prediction masks --labels labels`.",
    "",
    "## Running it",
    "",
    "- Fiji: Plugins > DeepImageJ > DeepImageJ Run, and install the package from its zip file.",
    "- ilastik: the workflow Neural Network Classification, and drop the zip file on it.",
    "- Micrograph: `micrograph predict --checkpoint PACKAGE --input images -o masks`; `micrograph test PACKAGE` repeats the test",
    `  whose input and output are ${FILES.input} and ${FILES.output}.`,
  ];
  return `${lines.join("\n")}\n`;
}

const channelsOf = (channels: number) => (channels === 1 ? "Grey" : `${channels} channels`);

function normalisationWords(normalisation: Normalisation, maximum: number): string {
  if (normalisation.kind === "image") {
    return "each channel of an image is normalised by its own mean and standard deviation";
  }
  if (normalisation.kind === "percentiles") {
    return `the percentiles ${normalisation.low} and ${normalisation.high} of an image become 0 and 1`;
  }
  return (
    `values from 0 to ${maximum} are normalised by the statistics of the training images, so that images of ` +
    "another range must be scaled to it first"
  );
}

const WORDS: Readonly<Partial<Record<keyof ValidationFigures, string>>> = {
  wrongPixels: "share of wrong pixels",
  iou: "IoU, mean of the classes",
  dice: "Dice coefficient, mean of the classes",
  vRand: "V_rand after thinning borders",
  vInfo: "V_info after thinning borders",
  ap50: "average precision of cells at an IoU of 0.5",
  countError: "error of the number of cells",
};

function figureLines(
  best: ({ readonly step: number } & ValidationFigures) | undefined,
  steps: number | undefined,
): string[] {
  if (!best) return ["No figures on held-out images are stored with this network."];
  const rows = Object.entries(WORDS).flatMap(([key, words]) => {
    const value = best[key as keyof ValidationFigures];
    return typeof value === "number" && Number.isFinite(value)
      ? [`| ${words} | ${value.toFixed(4)} |`]
      : [];
  });
  const taken = steps === undefined ? `${best.step}` : `${best.step} of ${steps}`;
  return [
    `On the held-out images of its training, over all their pixels, after step ${taken}:`,
    "",
    "| figure | value |",
    "|---|---|",
    ...rows,
  ];
}
