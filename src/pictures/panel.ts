// A picture with its words.

import { type ClassLegend, classLegend } from "../data/classes.js";
import type { LabelMap } from "../data/image-types.js";
import type { Colour, Picture } from "./picture.js";

/** What a colour in a picture stands for. */
export interface ColourKey {
  readonly text: string;
  readonly colour: Colour;
}

export interface Panel {
  readonly title: string;
  /** The meaning of its colours, where it has any: they then say what the title would. */
  readonly keys: readonly ColourKey[];
  /** The classes in it, beside the title. */
  readonly legend?: readonly ColourKey[] | undefined;
  readonly picture: Picture;
}

/** The title with the legend behind it, or the keys in its place. */
export function panelWords({ title, keys, legend = [] }: Panel): readonly Partial<ColourKey>[] {
  return keys.length > 0 ? keys : [{ text: title }, ...legend];
}

/** The classes of a legend with their colours. */
export function classKeys({ names, colours }: ClassLegend): ColourKey[] {
  return names.map((text, index) => ({ text, colour: colours[index] }));
}

/** What a panel of a label of more than two classes has beside its title. */
export function labelLegend(
  { classes }: Pick<LabelMap, "classes">,
  legend: ClassLegend = classLegend({ classes }),
): Pick<Panel, "legend"> {
  return classes === 2 ? {} : { legend: classKeys(legend) };
}
