// The page of example.test.ts: examples/in-a-page.ts, stopped at its first progress.

import { predictFrom, trainOn } from "../../examples/in-a-page.js";
import { syntheticSample } from "../../src/index.js";

export async function trainThenPredict() {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no adapter");
  const gpu = await adapter.requestDevice();
  const samples = [1, 2].map((seed) => ({
    name: `cells ${seed}`,
    ...syntheticSample({ seed, width: 48, height: 48 }),
  }));
  const stop = new AbortController();
  let share = 0;
  const file = await trainOn(samples, gpu, stop.signal, (done) => {
    share = done;
    stop.abort();
  });
  const picture = new OffscreenCanvas(30, 20);
  picture.getContext("2d")?.fillRect(0, 0, 15, 20);
  const url = URL.createObjectURL(file);
  const { width, height, probabilities } = await predictFrom(url, picture, gpu);
  const missing = await predictFrom("/missing.safetensors", picture, gpu).catch(String);
  // The app's device is still usable.
  gpu.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM }).destroy();
  return { share, width, height, count: probabilities.length, missing: `${missing}` };
}
