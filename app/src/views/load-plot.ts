// uPlot, loaded when a curve is drawn.

import type uPlot from "uplot";

/**
 * The class of uPlot. It creates a number format for the browser's language when it loads, which fails if the
 * system's name of the language is not valid ("en-US@posix"): English is used instead.
 */
export async function loadPlot(): Promise<typeof uPlot> {
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en", configurable: true });
  }
  return (await import("uplot")).default;
}
