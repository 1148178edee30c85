// The Worker that draws on canvases.

import type { SurfaceOrder } from "./surface-messages.js";

/** A Worker's global object, which the DOM's types lack. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SurfaceOrder>) => void) | null;
}

/**
 * The contexts of the open canvases. Each is requested once: for a transferred canvas, Firefox 153 returns
 * none to a second call.
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
    // After a change of a canvas's size, Chromium 147 shows its former picture until something is drawn.
    context.clearRect(0, 0, width, height);
  } else {
    const { pixels, area } = order;
    const image = new ImageData(pixels, area.width, area.height);
    context.putImageData(image, area.x, area.y);
  }
};
