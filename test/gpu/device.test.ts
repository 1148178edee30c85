import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  AdapterError,
  type Device,
  GpuError,
  requestDevice,
  useDevice,
} from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { readBuffer } from "../../src/gpu/read.js";
import { createState } from "../../src/gpu/state.js";
import { input, stateTensor } from "../../src/graph/tensor.js";
import { openDevice } from "../../src/node/device.js";
import { add, relu, scale } from "../../src/ops/index.js";
import { countingDevice } from "../alive.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { stateBuffer } from "../state.js";

const doubled = () => scale(input("x", [2]), 2);

test("a device says what it is", async () => {
  const { adapter, kind, backend, limits, features } = (await testDevice()).describe();
  assert.ok(adapter.length > 0);
  assert.ok(["cpu", "gpu"].includes(kind));
  assert.ok(["system", "swiftshader"].includes(backend));
  assert.ok(limits.maxStorageBufferBindingSize >= 2 ** 27);
  assert.equal(features, [...features].sort());
});

test("a device that is opened later in the same process is of the same driver", async () => {
  const { adapter, backend } = (await testDevice()).describe();
  const device = await openDevice();
  const later = device.describe();
  device.close();
  assert.equal([later.adapter, later.backend], [adapter, backend]);
});

test("limits are as high as the adapter gives", async () => {
  const { gpu } = await testDevice();
  // The defaults of WebGPU are 8 and 128 MiB, or more where an adapter cannot do better.
  assert.ok(gpu.limits.maxStorageBuffersPerShaderStage >= 8);
  assert.ok(gpu.limits.maxBufferSize >= 2 ** 28);
});

test("the caller's own GPUDevice is used, and left open when the engine closes", async () => {
  const { gpu } = await testDevice();
  const device = useDevice(gpu);
  assert.is(device.gpu, gpu);
  assert.is(device.describe().backend, "given");
  const y = doubled();
  const plan = await compilePlan(device, { name: "given", outputs: [y] });
  plan.run({ x: [1, 2] });
  assert.equal([...(await plan.read(y))], [2, 4]);
  device.close();
  assert.is(
    messageOf(() => plan.run()),
    "the device is closed",
  );
  // The caller goes on with it.
  const again = useDevice(gpu);
  const other = await compilePlan(again, { name: "again", outputs: [y] });
  other.run({ x: [3, 4] });
  assert.equal([...(await other.read(y))], [6, 8]);
  other.close();
  again.close();
});

test("after close every operation says that the device is closed", async () => {
  const device = await openDevice();
  const y = doubled();
  const plan = await compilePlan(device, { name: "closed", outputs: [y] });
  plan.run({ x: [1, 2] });
  device.close();
  assert.is(
    messageOf(() => plan.run({ x: [1, 2] })),
    "the device is closed",
  );
  assert.is(await rejectionOf(plan.read(y)), "the device is closed");
  const compiled = compilePlan(device, { name: "late", outputs: [y] });
  assert.is(await rejectionOf(compiled), "the device is closed");
  assert.is(
    messageOf(() => device.check()),
    "the device is closed",
  );
  plan.close();
  device.close(); // twice is once
});

test("a read that waits when the device is closed fails, and says so", async () => {
  const device = await openDevice();
  const y = doubled();
  const plan = await compilePlan(device, { name: "waiting", outputs: [y] });
  plan.run({ x: [1, 2] });
  const read = rejectionOf(plan.read(y));
  device.close();
  assert.is(await read, "the device is closed");
});

/** A plan whose state is destroyed before it runs, and the state. */
async function planOfGone(device: Device, name: string) {
  const state = stateBuffer(device, `state of ${name}`, [1, 2, 3, 4]);
  const y = relu(stateTensor("weights", [4], "parameters"));
  const spec = { name, outputs: [y], states: { parameters: state } };
  const plan = await compilePlan(device, spec);
  state.destroy(); // too early: the plan still reads it
  return { plan, y };
}

test("what the GPU refuses of a run is the plan's error, and other plans go on", async () => {
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
    placed: new Map([[y, { state: "sums", offset: 0 }]]),
    states: { parameters: gone, sums: written.buffer },
  });
  gone.destroy();
  plan.run();
  assert.match(await rejectionOf(written.read()), /^plan sum: .*"gone".*destroyed/);
  written.write(Float32Array.of(1, 2, 3, 4)); // all of it is known again
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
    event.preventDefault(); // not into the output of this test
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
  // The app watches a call with scopes of its own: ours lie within, and take what is ours alone.
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
  // Another engine of the app on the same GPU has not noticed.
  const again = useDevice(gpu);
  assert.equal([...(await readBuffer(again, own, 0, 16))], [1, 2, 3, 4]);
  again.close();
  close();
});

test("on a GPU of the engine's own a stray error is told by check, and stops no plan", async () => {
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

test("a lost device reaches the caller: what waits fails, what comes later throws", async () => {
  const errors: GpuError[] = [];
  const device = await openDevice({ onError: (error) => errors.push(error) });
  const y = doubled();
  const plan = await compilePlan(device, { name: "lost", outputs: [y] });
  plan.run({ x: [1, 2] });
  const read = rejectionOf(plan.read(y));
  device.gpu.destroy();
  const error = await device.lost;
  assert.instance(error, GpuError);
  assert.match(error.message, /^the GPU device was lost: ./);
  assert.match(await read, /lost|cut off/);
  assert.equal(errors, [error]);
  assert.is(
    messageOf(() => plan.run()),
    error.message,
  );
  assert.is(await rejectionOf(plan.read(y)), error.message);
});

test("an adapter that comes late, as to a Worker of a browser that starts, is waited for", async () => {
  const adapter = {
    features: new Set(),
    limits: {},
    requestDevice: () => Promise.reject(new Error("the adapter was asked")),
  };
  let requests = 0;
  const late = { requestAdapter: async () => (++requests < 3 ? null : adapter) };
  assert.is(await rejectionOf(requestDevice(late as unknown as GPU)), "the adapter was asked");
  assert.is(requests, 3);
});

test("where only an adapter of compatibility mode is given, the engine runs on it", async () => {
  const { gpu: real } = await testDevice();
  let isAsked = false;
  const modest = {
    async requestAdapter(options: GPURequestAdapterOptions) {
      if (options.featureLevel !== "compatibility") return null;
      isAsked = true;
      return {
        features: new Set(),
        limits: {},
        info: real.adapterInfo,
        requestDevice: async () => real,
      };
    },
  };
  const device = await requestDevice(modest as unknown as GPU);
  assert.ok(isAsked);
  assert.is(device.gpu, real);
});

test("no WebGPU and no adapter are errors that say so", async () => {
  const none = { requestAdapter: async () => null } as unknown as GPU;
  assert.is(await rejectionOf(requestDevice(none)), "WebGPU is there, but gives no adapter");
  const wrong = openDevice({ adapter: "metal" as never });
  try {
    await wrong;
    assert.unreachable();
  } catch (error) {
    assert.instance(error, AdapterError);
    assert.is(
      (error as Error).message,
      "the adapter must be auto, system or swiftshader, got metal (option or MICROGRAPH_ADAPTER)",
    );
  }
});

/** Runs a script of this folder in a process of its own. */
function runScript(name: string, ...flags: string[]) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  return spawnSync(process.execPath, [...flags, script], options);
}

test("a Node process ends by itself when its work is done, without close", () => {
  const { status, signal, stdout } = runScript("exit-by-itself.js");
  assert.is(signal, null, "it had to be ended");
  assert.is(status, 0);
  assert.is(stdout.trim().split("\n").at(-1), "2 4 6");
});

test("a GPU outlives the engine's object for it, and is collected without harm", () => {
  const { status, signal, stdout, stderr } = runScript("use-after-collection.js", "--expose-gc");
  assert.equal([status, signal], [0, null], stderr);
  assert.is(stdout.trim().split("\n").at(-1), "collected");
});

test.run();
