// `npm run soak`: 10,000 steps, 1,000 predictions of changing sizes, 500 trainers and predictors
// that are created and closed. Exits with 1 if buffers are left over or memory grows by more than a
// twentieth.

import { openDevice } from "../../src/node/open-device.js";
import { soak } from "./soak.js";

const device = await openDevice({ kernelCache: false });
console.log(device.describe().adapter);
// In the first round the driver and the JavaScript engine fill their caches.
await soak(device, { steps: 2000, predictions: 200, cycles: 100 });
const counts = { steps: 10_000, predictions: 1000, cycles: 500 };
for (const { name, count, alive, resident } of await soak(device, counts)) {
  const [before, after] = resident.map((bytes) => bytes / 2 ** 20);
  const growth = after / before - 1;
  console.log(
    `${count} ${name}: ${alive[0]} to ${alive[1]} buffers and textures, ${before.toFixed(1)} to ` +
      `${after.toFixed(1)} MiB resident (${(growth * 100).toFixed(1)} %)`,
  );
  if (alive[1] > alive[0] || growth > 0.05) process.exitCode = 1;
}
device.close();
