// Pictures of augmentation: a panel for each kind, then tiles with all of them, as in training.

import { AUGMENTATIONS, type Augmentation } from "../data/augmentation-config.js";
import { imageFromRaw } from "../data/float-image.js";
import type { Colour, Sample } from "../data/image-types.js";
import { variedGreys, variedView } from "../data/varied.js";
import { deformationPanel } from "./deformation-panel.js";
import type { Panel } from "./panel.js";

/** The settings of each kind, with its title. */
const KINDS: readonly [title: string, settings: readonly (keyof Augmentation)[]][] = [
  ["flips and turns", ["flips"]],
  ["shift", ["shift"]],
  ["rotation", ["rotation"]],
  ["scale", ["scale"]],
  ["shear", ["shear"]],
  ["elastic", ["elastic"]],
  ["contrast, brightness", ["contrast", "brightness"]],
  ["gamma", ["gamma"]],
  ["noise", ["noise"]],
];
const SWITCHES = KINDS.flatMap(([, settings]) => settings);
/** The smallest number of panels with all kinds at once. */
const TOGETHER = 3;

/**
 * Returns panels of the middle of a sample, `side` pixels wide, with a grid and the label's
 * outlines: the original, one per kind that is switched on, and several with all at once, in rows
 * of `columns`. The random draws are those of training.
 */
export function augmentationPanels(
  sample: Sample,
  side: number,
  augmentation: Augmentation,
  columns = 4,
  colours?: readonly Colour[],
): Panel[] {
  const spacing = Math.max(8, Math.round(side / 9));
  const { label } = sample;
  const pictured = { image: imageFromRaw(sample.image), label };
  const panel = (title: string, kinds: Augmentation, draw: number) =>
    deformationPanel(title, pictured, (seen) => variedView(seen, side, kinds, draw), {
      spacing,
      greys: (image) => variedGreys(image, kinds, draw),
      colours,
    });
  const { none } = AUGMENTATIONS;
  const panels = [panel("original", none, 0)];
  for (const [title, settings] of KINDS) {
    if (settings.every((name) => augmentation[name] === none[name])) continue;
    const others = SWITCHES.filter((name) => !settings.includes(name));
    const off = Object.fromEntries(others.map((name) => [name, none[name]]));
    panels.push(panel(title, { ...augmentation, ...off }, panels.length));
  }
  if (panels.length === 1) return panels;
  const rows = Math.ceil((panels.length + TOGETHER) / columns);
  for (let tile = 1; panels.length < rows * columns; tile++) {
    panels.push(panel(`all, tile ${tile}`, augmentation, 100 + tile));
  }
  return panels;
}
