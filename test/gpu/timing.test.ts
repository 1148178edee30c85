import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { input } from "../../src/graph/tensor.js";
import { conv2d, maxPool2d, relu } from "../../src/ops/index.js";
import { testDevice } from "../device.js";
import { noise } from "../numbers.js";

/** The device as if it had no timestamps. */
function withoutTimestamps(device: Device): Device {
  const gpu = new Proxy(device.gpu, {
    get(target, key) {
      if (key === "features") return new Set<string>();
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...device, gpu };
}

test("a timed run gives the bits of a plain one, with a time for each dispatch", async () => {
  const device = await testDevice();
  for (const on of [device, withoutTimestamps(device)]) {
    const x = input("x", [1, 3, 40, 40]);
    const weight = input("weight", [8, 3, 3, 3], "dense");
    const y = maxPool2d(relu(conv2d(x, weight)));
    const plan = await compilePlan(on, { name: "timed", outputs: [y] });
    const inputs = { x: noise(3 * 1600, 1), weight: noise(216, 2) };
    plan.run(inputs);
    const plain = await plan.read(y);
    plan.run({ x: noise(3 * 1600, 3) });
    const { method, dispatches } = await plan.runTimed(inputs);
    assert.equal(await plan.read(y), plain);
    assert.is(method, on.gpu.features.has("timestamp-query") ? "timestamps" : "queue");
    assert.is(dispatches.length, plan.dispatchCount);
    assert.ok(dispatches.every(({ ms, copyMs }) => ms >= 0 && copyMs >= 0));
    assert.ok(dispatches.some(({ ms }) => ms > 0));
    const copies = plan.work.map((work) => work.copies.length > 0);
    assert.ok(dispatches.every(({ copyMs }, i) => copies[i] || copyMs === 0));
    plan.close();
  }
});

test.run();
