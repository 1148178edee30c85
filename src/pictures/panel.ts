// A picture with its words.

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
  readonly picture: Picture;
}
