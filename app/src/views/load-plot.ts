// uPlot, loaded when a curve is drawn.

import type uPlot from "uplot";

/**
 * Its class. It makes a number format of the browser's language as it loads, and fails where a system
 * calls its language by a name that no browser knows ("en-US@posix"): English stands in for it.
 */
export async function loadPlot(): Promise<typeof uPlot> {
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en", configurable: true });
  }
  return (await import("uplot")).default;
}
