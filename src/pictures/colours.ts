// The colours of objects and errors, and the colour map of numbers.

import { type Colour, mixed } from "./picture.js";

/** Kinds of errors, in pixels and in objects. */
export const ERROR_COLOURS = {
  missed: [235, 95, 20],
  false: [60, 150, 240],
  split: [245, 205, 40],
  merged: [214, 80, 170],
  absent: [235, 95, 20],
} as const satisfies Record<string, Colour>;

/** Returns a colour for an object number that differs from those of nearby numbers. */
export function objectColour(number: number): Colour {
  // Steps of the golden ratio around the circle of hues do not come close to each other soon.
  const hue = (number * 0.618034) % 1;
  const channel = (shift: number) => 150 + 95 * Math.cos(2 * Math.PI * (hue + shift));
  return [channel(0), channel(1 / 3), channel(2 / 3)];
}

/** Nine colours with even steps of lightness, from dark violet through green to yellow. */
const SCALE: readonly Colour[] = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37],
];

/** Returns the colour of a share, 0 to 1, on a perceptually uniform scale (viridis' colours). */
export function scaleColour(share: number): Colour {
  const at = Math.max(0, Math.min(1, share)) * (SCALE.length - 1);
  const below = Math.min(SCALE.length - 2, Math.floor(at));
  return mixed(SCALE[below], SCALE[below + 1], at - below);
}
