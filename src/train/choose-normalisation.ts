// Chooses the normalisation of a run if it is not the default.

import { checkNormalisation } from "../data/check-normalisation.js";
import type { Normalisation } from "../data/normalise.js";

/**
 * Returns the caller's normalisation, else that of the checkpoint from which the run continues.
 * Throws if it does not fit the model's channels, or if a resumed run is given one.
 */
export function chooseNormalisation(
  given: Normalisation | undefined,
  known: Normalisation,
  { channels, isResumed }: { readonly channels: number; readonly isResumed: boolean },
): Normalisation {
  if (given && isResumed) {
    throw new Error(
      "train: got both resume and normalisation, expected one: a resumed run keeps its normalisation",
    );
  }
  return checkNormalisation(given ?? known, channels, "train");
}
