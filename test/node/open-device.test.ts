import { test } from "uvu";
import * as assert from "uvu/assert";
import { type OpenDeviceOptions, openAdapter, type Sources } from "../../src/node/open-device.js";
import { rejectionOf } from "../errors.js";

/** A GPU of one adapter, which opens and does nothing. */
function fakeGpu(description: string): GPU {
  const info = { vendor: "", architecture: "", device: "", description };
  const features = new Set<string>();
  const device = {
    adapterInfo: info,
    features,
    limits: { maxTextureDimension2D: 8192 },
    lost: new Promise(() => {}),
    queue: {},
    addEventListener() {},
    removeEventListener() {},
    destroy() {},
  };
  const adapter = { info, features, limits: {}, requestDevice: async () => device };
  return { requestAdapter: async () => adapter } as unknown as GPU;
}

const none = { requestAdapter: async () => null } as unknown as GPU;

interface Found {
  readonly dawn?: GPU | Error;
  readonly swiftShader?: string;
  readonly runtime?: GPU;
}

function sources({ dawn = none, swiftShader, runtime }: Found): Sources {
  return {
    async dawn() {
      if (dawn instanceof Error) throw dawn;
      return { create: () => dawn, globals: {} };
    },
    swiftShader: async () => (swiftShader ? { reason: swiftShader } : { folder: "/drivers" }),
    runtime: () => runtime,
    instances: new Map(),
  };
}

async function opened(found: Found, adapter: OpenDeviceOptions["adapter"]) {
  const remarks: string[] = [];
  const onRemark = (remark: string) => remarks.push(remark);
  const device = await openAdapter({ adapter, onRemark }, sources(found));
  const { adapter: name, backend } = device.describe();
  return { name, backend, remarks };
}

const refusal = (found: Found, adapter: OpenDeviceOptions["adapter"]) =>
  rejectionOf(openAdapter({ adapter }, sources(found)));

test("a driver counts as SwiftShader by the adapter's information, not by the request", async () => {
  const dawn = fakeGpu("SwiftShader driver 5.0.0");
  assert.equal(await opened({ dawn }, "swiftshader"), {
    name: "SwiftShader driver 5.0.0",
    backend: "swiftshader",
    remarks: [],
  });
  for (const [description, named] of [
    ["llvmpipe (LLVM 15.0.6)", "llvmpipe (LLVM 15.0.6)"],
    ["", "another driver"],
  ]) {
    const message = await refusal({ dawn: fakeGpu(description) }, "swiftshader");
    assert.match(message, `Tried: SwiftShader: ${named} was opened instead. Install`);
  }
});

const missing = new Error("Cannot find package 'webgpu' imported from device.js\nmore");

test("without the package webgpu, a runtime that has WebGPU uses its own", async () => {
  const found = { dawn: missing, runtime: fakeGpu("a GPU by wgpu") };
  for (const adapter of ["auto", "system"] as const) {
    assert.equal(await opened(found, adapter), {
      name: "a GPU by wgpu",
      backend: "system",
      remarks: [
        "the WebGPU of this runtime is used, since no other opens: npm package webgpu: Cannot find package 'webgpu' imported from device.js",
      ],
    });
  }
  assert.is(
    await refusal(found, "swiftshader"),
    "no WebGPU adapter. Tried: npm package webgpu: Cannot find package 'webgpu' imported from device.js. Install Dawn: npm install webgpu",
  );
  assert.match(
    await refusal({ dawn: missing, runtime: none }, "system"),
    "the WebGPU of this runtime: WebGPU is available, but there is no adapter",
  );
});

test("without permission to load addons, Deno gets an error with the options that it needs", async () => {
  const dawn = new Error(
    'Requires ffi access to "/app/dawn.node", run again with the --allow-ffi flag',
  );
  const advice = "Start Deno with --allow-ffi --allow-read --allow-env --allow-sys";
  assert.match(await refusal({ dawn }, "system"), advice);
  assert.not.match(await refusal({ dawn }, "system"), "npm install");
  assert.is((await opened({ dawn, runtime: fakeGpu("wgpu") }, "auto")).name, "wgpu");
});

test("without any driver the error says what to install", async () => {
  const message = await refusal({ swiftShader: "the npm package is not installed" }, "swiftshader");
  assert.is(
    message,
    "no WebGPU adapter. Tried: SwiftShader: the npm package is not installed. Install a driver for the GPU (on Debian: mesa-vulkan-drivers), or SwiftShader: npm install @sparticuz/chromium@147",
  );
});

test.run();
