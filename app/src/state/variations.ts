// The kinds of augmentation that the user turns on and off. Pure.

import { AUGMENTATIONS, type Augmentation } from "../../../src/index.js";

export interface Variation {
  readonly label: string;
  /** The fields that make it up: the values of "paper" if it is on, of "none" if it is off. */
  readonly fields: readonly (keyof Augmentation)[];
}

export const VARIATIONS: readonly Variation[] = [
  { label: "Flips and 90° turns", fields: ["flips"] },
  { label: "Any rotation", fields: ["rotation"] },
  { label: "Elastic deformation", fields: ["elastic"] },
  { label: "Brightness and contrast", fields: ["contrast", "brightness", "gamma", "noise"] },
];

export function isVaried(augmentation: Augmentation, { fields }: Variation): boolean {
  return fields.some((field) => augmentation[field] !== AUGMENTATIONS.none[field]);
}

/** The augmentation with one kind turned on or off. */
export function varied(
  augmentation: Augmentation,
  { fields }: Variation,
  isOn: boolean,
): Augmentation {
  const from = isOn ? AUGMENTATIONS.paper : AUGMENTATIONS.none;
  const changes = Object.fromEntries(fields.map((field) => [field, from[field]]));
  return { ...augmentation, ...changes };
}
