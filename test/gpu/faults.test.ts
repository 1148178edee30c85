// Who gets an error: the plan or state that caused it, the app on a shared GPU, or no one.

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { GpuError } from "../../src/gpu/errors.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { readBuffer } from "../../src/gpu/read.js";
import { useDevice } from "../../src/gpu/request-device.js";
import { createState } from "../../src/gpu/state.js";
import { input, stateTensor } from "../../src/graph/tensor.js";
import { openDevice } from "../../src/node/open-device.js";
import { add, relu, scale } from "../../src/ops/index.js";
import { countingDevice } from "../alive.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { stateBuffer } from "../state.js";

const doubled = () => scale(input("x", [2]), 2);

/** A plan whose state is destroyed before it runs, and the state. */
async function planOfGone(device: Device, name: string) {
  const state = stateBuffer(device, `state of ${name}`, [1, 2, 3, 4]);
  const y = relu(stateTensor("weights", [4], "parameters"));
  const spec = { name, outputs: [y], states: { parameters: state } };
  const plan = await compilePlan(device, spec);
  state.destroy(); // too early: the plan still reads it
  return { plan, y };
}

test("a run that the GPU refuses is the plan's error, and other plans continue", async () => {
  const errors: GpuError[] = [];
  const device = await openDevice({ onError: (error) => errors.push(error) });
  const { plan, y } = await planOfGone(device, "forward pass");
  plan.run();
  await device.idle();
  assert.is(errors.length, 1);
  assert.instance(errors[0], GpuError);
  assert.match(errors[0].message, /^plan forward pass: .*"state of forward pass".*destroyed/);
  assert.not.match(errors[0].message, "\n");
  assert.is(
    messageOf(() => plan.run()),
    errors[0].message,
  );
  assert.is(await rejectionOf(plan.read(y)), errors[0].message);
  device.check();
  const x = doubled();
  const other = await compilePlan(device, { name: "other", outputs: [x] });
  other.run({ x: [1, 2] });
  assert.equal([...(await other.read(x))], [2, 4]);
  assert.is(errors.length, 1);
  device.close();
});

test("the read of a plan throws what its run before did wrong", async () => {
  const { plan, y } = await planOfGone(await testDevice(), "late");
  plan.run();
  assert.match(await rejectionOf(plan.read(y)), /^plan late: .*destroyed/);
  plan.close();
});

test("a state that a refused run should have written is not read as if it had", async () => {
  const device = await testDevice();
  const written = createState(device, "sums", 4);
  const gone = stateBuffer(device, "gone", [1, 2, 3, 4]);
  const y = relu(stateTensor("weights", [4], "parameters"));
  const plan = await compilePlan(device, {
    name: "sum",
    outputs: [y],
    outputsInto: new Map([[y, { state: "sums", offset: 0 }]]),
    states: { parameters: gone, sums: written.buffer },
  });
  gone.destroy();
  plan.run();
  assert.match(await rejectionOf(written.read()), /^plan sum: .*"gone".*destroyed/);
  written.write(Float32Array.of(1, 2, 3, 4)); // everything is known again
  assert.equal([...(await written.read())], [1, 2, 3, 4]);
  plan.close();
  written.close();
});

/** An error of the app's own call: a write to a buffer that cannot be written to. */
function mistake(gpu: GPUDevice, label: string): void {
  const buffer = gpu.createBuffer({ label, size: 16, usage: GPUBufferUsage.STORAGE });
  gpu.queue.writeBuffer(buffer, 0, new Float32Array(4));
}

test("on a shared GPU the app's errors are the app's, and the engine's are the engine's", async () => {
  const { gpu, close } = await openDevice();
  const heard: string[] = [];
  const hear = (event: GPUUncapturedErrorEvent) => {
    assert.not.ok(event.defaultPrevented);
    event.preventDefault(); // keep it out of the output of this test
    heard.push(event.error.message);
  };
  const errors: string[] = [];
  const device = useDevice(gpu, { onError: ({ message }) => errors.push(message) });
  gpu.addEventListener("uncapturederror", hear);
  mistake(gpu, "one of the app");
  await device.idle();
  const y = doubled();
  const plan = await compilePlan(device, { name: "ours", outputs: [y] });
  plan.run({ x: [1, 2] });
  assert.equal([...(await plan.read(y))], [2, 4]);
  device.check();
  // The app has error scopes around a call: ours are inside, and take only our errors.
  const { plan: bad } = await planOfGone(device, "refused");
  gpu.pushErrorScope("validation");
  mistake(gpu, "another of the app");
  bad.run();
  const scoped = await gpu.popErrorScope();
  await device.idle();
  assert.match(String(scoped?.message), "another of the app");
  assert.match(errors.join(), /^plan refused: /);
  assert.is(heard.length, 1);
  assert.match(heard[0], "one of the app");
  close();
});

test("closing what useDevice gave closes its plans and states, and nothing of the app", async () => {
  const { gpu, close } = await openDevice();
  const own = stateBuffer({ gpu }, "of the app", [1, 2, 3, 4]);
  const { device, alive } = countingDevice(useDevice(gpu));
  const state = createState(device, "ours", 4);
  const y = add(input("x", [4]), stateTensor("s", [4], "ours"));
  const states = { ours: state.buffer };
  const plan = await compilePlan(device, { name: "given", outputs: [y], states });
  plan.run({ x: [1, 2, 3, 4] });
  assert.ok(alive.size > 1);
  device.close();
  assert.is(alive.size, 0);
  assert.is(
    messageOf(() => plan.run()),
    "the device is closed",
  );
  assert.is(
    messageOf(() => createState(device, "late", 4)),
    "the device is closed",
  );
  assert.is(
    messageOf(() => state.write(new Float32Array(4))),
    "the ours are closed",
  );
  // Another engine of the app on the same GPU is not affected.
  const again = useDevice(gpu);
  assert.equal([...(await readBuffer(again, own, 0, 16))], [1, 2, 3, 4]);
  again.close();
  close();
});

test("on a GPU of the engine's own an unrelated error is reported by check, and stops no plan", async () => {
  const errors: string[] = [];
  const device = await openDevice({ onError: ({ message }) => errors.push(message) });
  mistake(device.gpu, "stray");
  await device.idle();
  await new Promise((resolve) => setTimeout(resolve));
  assert.match(
    messageOf(() => device.check()),
    /^the GPU reported: .*"stray"/,
  );
  assert.is(errors.length, 1);
  const y = doubled();
  const plan = await compilePlan(device, { name: "next", outputs: [y] });
  plan.run({ x: [1, 2] });
  assert.equal([...(await plan.read(y))], [2, 4]);
  device.close();
});

test.run();
