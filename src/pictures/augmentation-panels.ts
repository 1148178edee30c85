// Augmentation, a panel for each kind, then tiles as they are drawn with all of them.

import { AUGMENTATIONS, type Augmentation } from "../data/augmentation-config.js";
import { imageFromRaw } from "../data/float-image.js";
import type { Colour, Sample } from "../data/image-types.js";
import { variedGreys, variedView } from "../data/varied.js";
import { deformationPanel } from "./deformation-panel.js";
import type { Panel } from "./panel.js";

/** The settings that belong to each kind, under its name. */
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
/** Panels of tiles with all kinds at once, at least. */
const TOGETHER = 3;

/**
 * The middle of a sample, `side` pixels wide, with a grid and the label's outlines: as it is, under
 * each kind that is switched on, and under all at once, in rows of `columns`. Every kind is drawn as
 * training draws it.
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
  const panels = [panel("as it is", none, 0)];
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
