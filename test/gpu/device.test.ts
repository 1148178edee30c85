import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AdapterError, GpuError } from "../../src/gpu/errors.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { requestDevice, useDevice } from "../../src/gpu/request-device.js";
import { input } from "../../src/graph/tensor.js";
import { openDevice } from "../../src/node/open-device.js";
import { scale } from "../../src/ops/index.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";

const doubled = () => scale(input("x", [2]), 2);

test("a device describes itself", async () => {
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
  // The defaults of WebGPU are 8 and 128 MiB, or more if an adapter cannot do better.
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
  // The caller continues to use it.
  const again = useDevice(gpu);
  const other = await compilePlan(again, { name: "again", outputs: [y] });
  other.run({ x: [3, 4] });
  assert.equal([...(await other.read(y))], [6, 8]);
  other.close();
  again.close();
});

test("after close every operation fails with the message that the device is closed", async () => {
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
  device.close(); // calling it twice is harmless
});

test("a pending read fails with an explanation when the device is closed", async () => {
  const device = await openDevice();
  const y = doubled();
  const plan = await compilePlan(device, { name: "waiting", outputs: [y] });
  plan.run({ x: [1, 2] });
  const read = rejectionOf(plan.read(y));
  device.close();
  assert.is(await read, "the device is closed");
});

test("losing the device reaches the caller: pending calls fail, later ones throw", async () => {
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

test("if only an adapter in compatibility mode is available, the engine runs on it", async () => {
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

test("missing WebGPU and a missing adapter are errors that say so", async () => {
  const none = { requestAdapter: async () => null } as unknown as GPU;
  assert.is(await rejectionOf(requestDevice(none)), "WebGPU is available, but there is no adapter");
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

/** Runs a script of this folder in a separate process. */
function runScript(name: string, ...flags: string[]) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  return spawnSync(process.execPath, [...flags, script], options);
}

test("a Node process ends when its work is done, without close", () => {
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
