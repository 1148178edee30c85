import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../src/gpu/plan.js";
import type { PlanSpec } from "../../src/gpu/plan-spec.js";
import { createSlices, orAborted } from "../../src/gpu/slices.js";
import { createState } from "../../src/gpu/state.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { unet } from "../../src/model/unet.js";
import { add, relu, scale } from "../../src/ops/index.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { bytesOf, countingDevice } from "../alive.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

/** A plan of about `count` dispatches, many of which read early outputs. */
function largePlan(count: number): PlanSpec {
  let x: Tensor = input("x", [1, 4, 8, 8]);
  const earlier: Tensor[] = [];
  for (let i = 0; earlier.length < count / 2; i++) {
    x = i % 3 === 2 ? relu(x) : scale(x, 0.99);
    earlier.push(x);
  }
  for (const other of earlier.slice(0, -1).reverse()) x = add(x, other);
  return { name: "large", outputs: [x] };
}

test("a large plan leaves the thread its turns, and gives the values of a plan without pauses", async () => {
  const device = await testDevice();
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const start = performance.now();
  const plan = await compilePlan(device, largePlan(1500));
  const seconds = (performance.now() - start) / 1000;
  clearInterval(ticking);
  assert.ok(plan.dispatchCount > 1400, `${plan.dispatchCount} dispatches`);
  // At least one turn in 100 ms on average: slices of 10 ms, on a machine with other work.
  assert.ok(turns >= 10 * seconds, `${turns} turns in ${seconds} s`);
  plan.close();
});

test("slices continue where they stopped, each within the function around it", async () => {
  const slices = createSlices();
  const log: string[] = [];
  function* work() {
    for (let i = 0; i < 3; i++) {
      log.push(`piece ${i}`);
      const end = performance.now() + 30;
      while (performance.now() < end);
      yield;
    }
    return "done";
  }
  const around = <R>(slice: () => R): R => {
    log.push("begin");
    const result = slice();
    log.push("end");
    return result;
  };
  assert.is(await slices.run(work(), around), "done");
  const each = [0, 1, 2].flatMap((i) => ["begin", `piece ${i}`, "end"]);
  assert.equal(log, [...each, "begin", "end"]);
});

test("a signal ends a compilation with its reason, at whatever moment, and nothing is left", async () => {
  const { device, alive } = countingDevice(await testDevice());
  const spec = largePlan(400);
  const reason = new Error("the page has changed");
  assert.is(
    await rejectionOf(compilePlan(device, spec, { signal: AbortSignal.abort(reason) })),
    reason.message,
  );
  // After a number of turns of the event loop: while it plans, compiles, or makes bind groups.
  let ended = 0;
  for (const turns of [0, 2, 8, 32]) {
    const controller = new AbortController();
    const pending = compilePlan(device, spec, { signal: controller.signal });
    pending.catch(() => {});
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    const result = await pending.then(
      (plan) => plan.close(),
      (error) => {
        ended++;
        assert.is(error, reason);
      },
    );
    assert.is(result, undefined);
    assert.is(bytesOf(alive), 0, `after ${turns} turns`);
  }
  assert.ok(ended > 0);
  const plan = await compilePlan(device, spec, { signal: new AbortController().signal });
  plan.close();
});

test("a signal ends the making of a trainer and of a predictor, and nothing is left", async () => {
  const { device, alive } = countingDevice(await testDevice());
  const model = unet(modelConfig({ base: 4, depth: 1 }));
  const options = trainingConfig({ tile: 60 });
  const reason = new Error("the page has changed");
  const controller = new AbortController();
  const making = createTrainer(device, model, { ...options, signal: controller.signal });
  controller.abort(reason);
  assert.is(await rejectionOf(making), reason.message);
  assert.is(bytesOf(alive), 0);
  const trainer = await createTrainer(device, model, options);
  const checkpoint = await trainer.checkpoint();
  trainer.close();
  const { signal } = controller;
  assert.is(await rejectionOf(createPredictor(device, checkpoint, { signal })), reason.message);
  // Closing a predictor aborts the compilation that a prediction waits for.
  device.pipelines.clear(); // other tests of the process may have compiled them
  const predictor = await createPredictor(device, checkpoint, {});
  const image = { width: 40, height: 40, channels: 1, data: new Float32Array(1600) };
  const predicting = predictor.predict(image, "grey");
  predicting.catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  predictor.close();
  assert.match(await rejectionOf(predicting), "grey cannot be predicted: the predictor is closed");
  assert.is(bytesOf(alive), 0);
});

test("aborting before anything is awaited leaves no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  const ended = AbortSignal.abort(new Error("ended"));
  const failing = new Promise<void>((_, reject) => setTimeout(() => reject(new Error("late")), 5));
  assert.is(await rejectionOf(orAborted(failing, ended)), "ended");
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", note);
  assert.equal(unhandled, []);
});

test("plans and states are closed at the end of a block that uses them", async () => {
  const { device, alive } = countingDevice(await testDevice());
  {
    using plan = await compilePlan(device, largePlan(4));
    using state = createState(device, "numbers", 64);
    assert.ok(bytesOf(alive) >= plan.memory.totalBytes + state.buffer.size);
  }
  assert.is(bytesOf(alive), 0);
});

test.run();
