// The Worker that draws on the canvases of large pictures.

import type { SurfaceOrder } from "./surface-messages.js";

/** What a Worker's global object has, of which the DOM's types know nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SurfaceOrder>) => void) | null;
}

const canvases = new Map<number, OffscreenCanvas>();

(globalThis as unknown as WorkerScope).onmessage = ({ data: order }) => {
  if ("open" in order) {
    canvases.set(order.surface, order.open);
    return;
  }
  const canvas = canvases.get(order.surface);
  if (!canvas) return;
  if ("close" in order) {
    canvases.delete(order.surface);
  } else if ("size" in order) {
    canvas.width = order.size.width;
    canvas.height = order.size.height;
  } else {
    const { pixels, area } = order;
    const image = new ImageData(pixels, area.width, area.height);
    canvas.getContext("2d")?.putImageData(image, area.x, area.y);
  }
};
