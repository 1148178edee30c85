// Canvases that a Worker draws on: a canvas drawn by the page costs the page's thread some 20 ms per million
// pixels in each frame in which one of its pixels changed.

import type { Area, Size } from "./geometry.js";
import type { Pixels } from "./layers.js";
import type { SurfaceOrder } from "./surface-messages.js";

export interface Surface {
  /** Sets its size and clears it. */
  clear(size: Size): void;
  /** Sets the pixels of an area; their memory is transferred. */
  put(pixels: Pixels, area: Area): void;
  close(): void;
}

/** Takes over a canvas; each can be opened once. */
export type OpenSurface = (canvas: HTMLCanvasElement) => Surface;

/** Starts the Worker for all surfaces of the page. */
export function createSurfaces(): OpenSurface {
  const worker = new Worker(new URL("./surface-worker.ts", import.meta.url), { type: "module" });
  let count = 0;
  return (canvas) => {
    const surface = ++count;
    const tell = (order: SurfaceOrder, transfer: Transferable[] = []) =>
      worker.postMessage(order, transfer);
    const open = canvas.transferControlToOffscreen();
    tell({ surface, open }, [open]);
    return {
      clear: (size) => tell({ surface, size }),
      put: (pixels, area) => tell({ surface, pixels, area }, [pixels.buffer]),
      close: () => tell({ surface, close: true }),
    };
  };
}
