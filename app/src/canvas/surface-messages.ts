// What the page says to the Worker that draws.

import type { Area, Size } from "./geometry.js";
import type { Pixels } from "./layers.js";

/** To the surface with this number. */
export type SurfaceOrder = { readonly surface: number } & (
  | { readonly open: OffscreenCanvas }
  /** Clears it, too. */
  | { readonly size: Size }
  | { readonly pixels: Pixels; readonly area: Area }
  | { readonly close: true }
);
