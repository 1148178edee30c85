// `npm run against:firefox -- [PART OF A FILE'S NAME]`: the checks of run.ts in an installed
// headless Firefox, then pictures and canvases, then a session of the app. FIREFOX sets another
// program than `firefox-esr`.

import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { syntheticCheckpoint } from "../browser/canvas-checkpoint.js";
import { drawnPicture, PICTURE_SIZE, WORKER } from "../browser/canvas-data.js";
import { walkApp } from "./firefox-road.js";
import { bundleRoad, type Runtime, runAgainst } from "./run.js";
import { startFirefox } from "./runtimes.js";

const CANVASES = `
  export { compareKinds } from "./canvas-in-page.js";
  export { drawInWorker, drawLooks } from "./canvas-out-page.js";
`;

/** Rounding of sums of 32 bits, about 1e-6 of a standard deviation. */
const ROUNDING = 1e-5;

/** Returns the number of checks that failed. */
async function checkCanvases({ call }: Runtime): Promise<number> {
  let failed = 0;
  const check = (what: string, isRight: boolean) => {
    console.log(`${isRight ? "ok" : "FAIL"} ${what}`);
    failed += Number(!isRight);
  };
  for (const channels of [1, 3]) {
    const argument = [PICTURE_SIZE, drawnPicture(channels, 5), channels];
    const differences = (await call("compareKinds", argument)) as Record<string, number>;
    for (const [kind, off] of Object.entries(differences)) {
      if (kind.startsWith("Image of")) continue; // the same in memory
      check(`${kind} of ${channels} channels: off by ${off.toExponential(1)}`, off < ROUNDING);
    }
  }
  const drawing = ["/worker.js", PICTURE_SIZE, drawnPicture(1, 8)];
  const { pixels, probabilities } = (await call("drawInWorker", drawing)) as {
    pixels: number[];
    probabilities: number[];
  };
  const count = PICTURE_SIZE.width * PICTURE_SIZE.height;
  const isRight = Array.from({ length: count }, (_, i) => {
    const isCell = probabilities[count + i] > probabilities[i];
    return pixels[4 * i] === (isCell ? 255 : 0);
  });
  check("a Worker draws several times on a canvas of the page", isRight.every(Boolean));
  return failed;
}

const firefox = await startFirefox(await bundleRoad(CANVASES), {
  "/worker.js": WORKER,
  "/checkpoint.safetensors": encodeSafetensors(syntheticCheckpoint(1, 2)),
});
try {
  const failed = (await runAgainst(firefox.version, firefox)) + (await checkCanvases(firefox));
  for (const problem of firefox.problems) console.log(`FAIL the page reported: ${problem}`);
  process.exitCode = Math.min(1, failed + firefox.problems.length);
} finally {
  await firefox.close();
}
if ((await walkApp()) > 0) process.exitCode = 1;
