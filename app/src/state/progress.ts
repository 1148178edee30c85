// The progress of long work, and the title of the browser's tab.

import type { AppState } from "./types.js";

type Working = Pick<AppState, "run" | "segmenting" | "packing" | "importing">;

/** From 0 to 1; undefined while nothing runs. */
export function progressOf({ run, segmenting, packing, importing }: Working): number | undefined {
  if (run.kind === "preparing") return 0;
  if (run.kind === "running") return run.step / run.steps;
  if (segmenting) {
    const { done, total, image, images } = segmenting;
    return (image + done / total) / images;
  }
  if (packing) return packing.done / packing.total;
  return importing && importing.done / importing.files;
}

/** The page's title: "42 % - Micrograph" while something runs. */
export function titleOf(state: Working): string {
  const share = progressOf(state);
  return share === undefined ? "Micrograph" : `${Math.floor(100 * share)} % - Micrograph`;
}
