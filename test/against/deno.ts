// `npm run against:deno -- [PART OF A FILE'S NAME]`: the checks of run.ts in Deno, on its own
// WebGPU (wgpu). Deno must be installed; DENO sets another program than `deno`.

import { bundleRoad, runAgainst } from "./run.js";
import { startDeno } from "./runtimes.js";

const deno = startDeno(await bundleRoad());
try {
  process.exitCode = Math.min(1, await runAgainst("Deno", deno));
} finally {
  await deno.close();
}
