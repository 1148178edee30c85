// The Worker that draws on the canvases of large pictures.

import type { SurfaceOrder } from "./surface-messages.js";

/** What a Worker's global object has, of which the DOM's types know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SurfaceOrder>) => void) | null;
}

/**
 * The contexts of the open canvases. Each is asked for once: of a canvas that was transferred, Firefox 153
 * gives none to a second call.
 */
const contexts = new Map<number, OffscreenCanvasRenderingContext2D>();

(globalThis as unknown as WorkerScope).onmessage = ({ data: order }) => {
  if ("open" in order) {
    const opened = order.open.getContext("2d");
    if (opened) contexts.set(order.surface, opened);
    return;
  }
  const context = contexts.get(order.surface);
  if (!context) return;
  if ("close" in order) {
    contexts.delete(order.surface);
  } else if ("size" in order) {
    const { width, height } = order.size;
    context.canvas.width = width;
    context.canvas.height = height;
    // Chromium 147 shows a canvas's former picture until something is drawn after a change of its size.
    context.clearRect(0, 0, width, height);
  } else {
    const { pixels, area } = order;
    const image = new ImageData(pixels, area.width, area.height);
    context.putImageData(image, area.x, area.y);
  }
};
