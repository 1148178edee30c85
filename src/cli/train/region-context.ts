// How much of a large image is read around its regions.

import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import { CONTEXT } from "../../node/region-pages.js";
import type { resolveRun } from "./resolve-run.js";

/**
 * Pixels around a region that the networks see beyond what they answer for; undefined if the usual number is enough.
 */
export function contextFor(
  runs: readonly Pick<ReturnType<typeof resolveRun>, "model" | "training">[],
  models: readonly Architecture[] = [],
): number | undefined {
  const margins = runs.map(({ model, training: { tile } }) => {
    const { outputSize } = createModel({ channels: 1, ...model }, models);
    return Math.ceil((tile - outputSize(tile)) / 2);
  });
  const most = Math.max(...margins);
  return most > CONTEXT ? most : undefined;
}
