// Which normalisation a run has, where it is not that of most runs.

import { checkNormalisation } from "../data/check-normalisation.js";
import type { Normalisation } from "../data/normalise.js";

/**
 * What the caller gave, else that of the checkpoint which the run goes on from. Throws for one that does not
 * fit the model's channels, and where a resumed run is given one.
 */
export function chooseNormalisation(
  given: Normalisation | undefined,
  known: Normalisation,
  { channels, isResumed }: { readonly channels: number; readonly isResumed: boolean },
): Normalisation {
  if (given && isResumed) {
    throw new Error(
      "train: got both resume and normalisation, expected one: a resumed run has its normalisation",
    );
  }
  return checkNormalisation(given ?? known, channels, "train");
}
