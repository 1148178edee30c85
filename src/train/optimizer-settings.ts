// Optimisers by name, with their usual settings.

import { checkWord } from "../arguments/keys.js";
import type { ParameterGroup } from "../model/parameter-groups.js";
import { adam, sgd } from "../ops/update/general-optimizers.js";
import {
  type GeneralAdamAttributes,
  type GeneralSgdAttributes,
  type RmspropAttributes,
  rmsprop,
} from "../ops/update/l2-optimizers.js";

/** An optimiser and its settings; Adam's are 0.9, 0.999 and 1e-8 by default, the momentum of SGD 0.9. */
export type OptimizerSettings =
  | ({ readonly kind: "adam" } & Partial<GeneralAdamAttributes>)
  | ({ readonly kind: "sgd" } & Partial<GeneralSgdAttributes>)
  | ({ readonly kind: "rmsprop" } & RmspropAttributes);

/** An optimiser with its defaults. */
export interface SettledOptimizer {
  readonly moments: readonly string[];
  /** beta1 and beta2 of Adam's correction. */
  readonly decays: readonly [number, number];
  readonly update: NonNullable<ParameterGroup["update"]>;
}

/** Fills in the defaults. Throws for a kind that does not exist. */
export function settledOptimizer(
  name: string,
  settings: OptimizerSettings = { kind: "adam" },
): SettledOptimizer {
  checkWord(`${name}: the kind of an optimizer`, settings.kind, ["adam", "sgd", "rmsprop"]);
  const moments = (count: number) => ["moment 1", "moment 2", "moment 3"].slice(0, count);
  if (settings.kind === "sgd") {
    const { kind: _, ...own } = settings;
    const update: SettledOptimizer["update"] = (t) => sgd(t, { momentum: 0.9, ...own });
    return { moments: moments(1), decays: [0, 0], update };
  }
  if (settings.kind === "rmsprop") {
    const { kind: _, ...own } = settings;
    return { moments: moments(3), decays: [0, 0], update: (t) => rmsprop(t, own) };
  }
  const { kind: _, ...own } = settings;
  const full = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...own };
  return { moments: moments(2), decays: [full.beta1, full.beta2], update: (t) => adam(t, full) };
}
