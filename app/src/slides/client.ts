// The page's side of the Worker for slides.

import { callWorker } from "../threads/call-worker.js";
import type { SlideWork } from "./slide-work.js";

const NAMES = [
  "open",
  "draw",
  "prepare",
  "predict",
] as const satisfies readonly (keyof SlideWork)[];

export function createSlideCalls(): SlideWork {
  const worker = new Worker(new URL("./slides-worker.ts", import.meta.url), { type: "module" });
  return callWorker<SlideWork>(worker, NAMES);
}
