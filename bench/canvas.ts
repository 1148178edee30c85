// What a page gains by staying on the GPU: from a picture to a mask on a canvas with
// micrograph/canvas, and with readImage, Predictor.predict and putImageData, in headless Chromium.
// The masks are compared before anything is timed; the two ways are timed alternately, with a
// network so small that the rest counts.
//   node dist/bench/canvas.js

import { WEBGPU_CANVASES } from "../test/browser/chromium.js";
import { openPage } from "../test/browser/page.js";

declare const it: typeof import("./canvas-page.js");

const SIZES = [
  { width: 512, height: 512 },
  { width: 1280, height: 720 },
];
const REPEATS = 5;
const LIMIT_SECONDS = 600;

const { page, run, close } = await openPage("../../bench/canvas-page.js", {}, WEBGPU_CANVASES);
try {
  console.log(
    `Chromium ${page.context().browser()?.version()}, ${REPEATS} repeats, median (least) ms`,
  );
  for (const size of SIZES) {
    const roads = await run((a) => it.timeRoads(a), [size, REPEATS] as const, LIMIT_SECONDS);
    const { gpu, processor, network } = roads;
    const text = (times: readonly number[]) => {
      const sorted = times.toSorted((a, b) => a - b);
      return `${sorted[sorted.length >> 1].toFixed(1)} (${sorted[0].toFixed(1)})`.padStart(16);
    };
    const where = `${size.width}x${size.height}`.padEnd(10);
    console.log(`${where} network only ${text(network)}`);
    console.log(
      `${where} CPU:       total ${text(processor.total)}, longest wait of the page ${text(processor.wait)}`,
    );
    console.log(
      `${where} GPU:       total ${text(gpu.total)}, longest wait of the page ${text(gpu.wait)}`,
    );
  }
} finally {
  await close();
}
