// How training tiles are augmented: "shift and rotation invariance as well as robustness to
// deformations and gray value variations" (paper, section 3.1). Plain values; the random draws
// happen elsewhere.

import { checkKeys } from "../arguments/keys.js";
import type { Augmentation } from "../options/augmentation.js";
import { augmentationRules } from "../options/augmentation-rules.generated.js";
import { defaultsOf, faultIn } from "../options/rules.js";

export type { Augmentation } from "../options/augmentation.js";

/** Names of augmentations: none, flips and quarter turns, or that of the paper. */
export type AugmentationName = "none" | "flips" | "paper";

const NONE: Augmentation = defaultsOf(augmentationRules);

/**
 * Augmentation by name. "paper" rotates by any angle and deforms on the 3x3 grid as published; the
 * paper gives no ranges of grey values and no flips, so those are ours. All of them shift, since
 * tiles are placed at random.
 */
export const AUGMENTATIONS: Readonly<Record<AugmentationName, Augmentation>> = {
  none: NONE,
  flips: { ...NONE, flips: true },
  paper: {
    ...NONE,
    flips: true,
    rotation: 180,
    elastic: "grid",
    contrast: 0.2,
    brightness: 0.2,
    gamma: 0.2,
  },
};

/** Returns an augmentation; what is left out is taken from "none". Throws for an invalid value. */
export function augmentationConfig(changes: Partial<Augmentation> = {}): Augmentation {
  checkKeys<Partial<Augmentation>>("augmentation", changes, augmentationRules);
  const result = { ...NONE, ...changes };
  const fault = faultIn(augmentationRules, result);
  if (fault) throw new Error(`augmentation.${fault}`);
  return result;
}
