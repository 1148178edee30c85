// The options that vary the training tiles: of `train`, and of `gallery`, which shows them.

import { type Command, Option } from "commander";
import {
  AUGMENTATION_RANGES,
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
  type AugmentationNumber,
} from "../../data/augmentation.js";
import { kebab } from "../format.js";
import { parseNumber } from "./numbers.js";

export type AugmentationOptions = Partial<Augmentation> & {
  augmentation?: AugmentationName;
  /** False by --no-augment, else true. */
  augment?: boolean;
};

const NUMBERS: Readonly<Record<AugmentationNumber, [value: string, text: string]>> = {
  rotation: ["DEG", "largest turn in degrees, either way"],
  scale: ["X", "largest change of size: 0.1 is from 1/1.1 to 1.1"],
  shear: ["X", "largest shear, the tangent of its angle"],
  shift: ["PX", "largest shift in pixels; tiles at random places shift anyway"],
  elasticDeviation: ["PX", "grid: standard deviation of its displacements in pixels"],
  elasticAlpha: ["PX", "simard: largest displacement in pixels before it is smoothed"],
  elasticSigma: ["PX", "simard: width in pixels of the Gaussian that smooths"],
  elasticProbability: ["X", "share of the tiles that are deformed elastically"],
  contrast: ["X", "largest change of contrast: 0.2 is from 0.8 to 1.2"],
  brightness: ["X", "largest change of brightness, in standard deviations of the image"],
  gamma: ["X", "largest exponent of a curve of greys: 0.2 is from 1/1.2 to 1.2"],
  noise: ["X", "largest standard deviation of noise, in those of the image"],
};

export function addAugmentationOptions(command: Command): void {
  const { paper } = AUGMENTATIONS;
  command.optionsGroup("Augmentation:");
  command.addOption(
    new Option(
      "--augmentation <NAME>",
      "where to start from: none; flips, the square's eight symmetries; paper, these with any " +
        "rotation, elastic deformation and varied greys (default: paper; sample: flips)",
    ).choices(Object.keys(AUGMENTATIONS)),
  );
  command.option("--no-augment", "the same as --augmentation none");
  command.option("--flips", "flips and quarter turns");
  command.option("--no-flips");
  command.addOption(
    new Option(
      "--elastic <NAME>",
      `none; grid, displacements on a 3x3 grid; simard, smoothed noise (paper: ${paper.elastic})`,
    ).choices(["none", "grid", "simard"]),
  );
  for (const [name, [value, text]] of Object.entries(NUMBERS)) {
    const words = `${text} (paper: ${paper[name as AugmentationNumber]})`;
    command.addOption(new Option(`--${kebab(name)} <${value}>`, words).argParser(parseNumber));
  }
  command.addOption(
    new Option(
      "--interpolation <NAME>",
      `how an image is read between pixels (paper: ${paper.interpolation})`,
    ).choices(["bilinear", "bicubic"]),
  );
}

/** What was typed, over the named augmentation, else over `base`. Throws one line. */
export function resolveAugmentation(
  options: AugmentationOptions,
  base: Augmentation,
): Augmentation {
  if (options.augment === false && options.augmentation !== undefined) {
    throw new Error("--no-augment: it is --augmentation none; leave out one of them");
  }
  const name = options.augment === false ? "none" : options.augmentation;
  const result = { ...(name ? AUGMENTATIONS[name] : base) } as Record<string, unknown>;
  for (const key of Object.keys(result)) {
    const value = options[key as keyof Augmentation];
    if (value === undefined) continue;
    if (typeof value === "number") checkRange(key as AugmentationNumber, value);
    result[key] = value;
  }
  return result as unknown as Augmentation;
}

function checkRange(name: AugmentationNumber, value: number): void {
  const [least, most] = AUGMENTATION_RANGES[name];
  if (value >= least && value <= most) return;
  throw new Error(`--${kebab(name)}: got ${value}, expected a number from ${least} to ${most}`);
}
