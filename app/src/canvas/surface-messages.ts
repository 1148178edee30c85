// Messages from the page to the Worker that draws.

import type { Area, Size } from "./geometry.js";
import type { Pixels } from "./layers.js";

/** The number of the surface. */
export type SurfaceOrder = { readonly surface: number } & (
  | { readonly open: OffscreenCanvas }
  /** Also clears it. */
  | { readonly size: Size }
  | { readonly pixels: Pixels; readonly area: Area }
  | { readonly close: true }
);
