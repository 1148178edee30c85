// A picture with its title and legend.

import { type ClassLegend, classLegend } from "../data/classes.js";
import type { LabelMap } from "../data/image-types.js";
import type { Colour, Picture } from "./picture.js";

/** The meaning of a colour in a picture. */
export interface ColourKey {
  /** What the colour means. */
  readonly text: string;
  /** As the picture has it. */
  readonly colour: Colour;
}

/** A picture with its title and legend. */
export interface Panel {
  /** Above the picture. */
  readonly title: string;
  /** The meaning of its colours, if any: they are then shown instead of the title. */
  readonly keys: readonly ColourKey[];
  /** The classes in it, shown next to the title. */
  readonly legend?: readonly ColourKey[] | undefined;
  /** What is shown. */
  readonly picture: Picture;
}

/** Returns the title followed by the legend, or the keys instead. */
export function panelWords({ title, keys, legend = [] }: Panel): readonly Partial<ColourKey>[] {
  return keys.length > 0 ? keys : [{ text: title }, ...legend];
}

/** Returns the classes of a legend with their colours. */
export function classKeys({ names, colours }: ClassLegend): ColourKey[] {
  return names.map((text, index) => ({ text, colour: colours[index] }));
}

/** Returns the legend of a panel with a label of more than two classes. */
export function labelLegend(
  { classes }: Pick<LabelMap, "classes">,
  legend: ClassLegend = classLegend({ classes }),
): Pick<Panel, "legend"> {
  return classes === 2 ? {} : { legend: classKeys(legend) };
}
