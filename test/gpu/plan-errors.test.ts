import { readFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MemoryError } from "../../src/gpu/errors.js";
import { compilePlan } from "../../src/gpu/plan.js";
import type { Dispatch } from "../../src/graph/dispatch.js";
import { apply, type Op } from "../../src/graph/op.js";
import { input, stateTensor } from "../../src/graph/tensor.js";
import { relu, scale } from "../../src/ops/index.js";
import * as shaders from "../../src/shaders/embedded.generated.js";
import { shader } from "../../src/shaders/shader.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { stateBuffer } from "../state.js";

test("a tensor beyond the adapter's limit is refused by name before anything is made", async () => {
  const device = await testDevice();
  const { maxStorageBufferBindingSize, maxBufferSize } = device.gpu.limits;
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  const count = Math.ceil(limit / 4) + 4;
  const y = relu(input("x", [8]), "small");
  const large = scale(input("huge", [count]), 2);
  const patched = device.gpu as { createBuffer?: GPUDevice["createBuffer"] };
  let made = 0;
  patched.createBuffer = (descriptor) => {
    made++;
    return GPUDevice.prototype.createBuffer.call(device.gpu, descriptor);
  };
  try {
    await compilePlan(device, { name: "large", outputs: [y, large] });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, MemoryError);
    assert.is(
      (error as Error).message,
      `tensor huge [${count}] needs ${Math.ceil(count / 4) * 16} bytes, ` +
        `but this adapter binds at most ${limit}: use a smaller tile, batch or base width`,
    );
    assert.is(made, 0);
  } finally {
    delete patched.createBuffer;
  }
});

/** An op whose kernel is wrong in the given way. */
const brokenOp = (dispatch: Partial<Dispatch>): Op<undefined> => ({
  name: "broken",
  outputs: ([x]) => [{ shape: x.shape, layout: x.layout }],
  kernels: [
    {
      name: "broken",
      dispatches: ({ inputs: [x], outputs: [y] }) => [
        {
          shader: shaders.relu,
          bindings: [x, y],
          uniforms: { groups: 1 },
          workgroups: [1, 1, 1],
          ...dispatch,
        },
      ],
    },
  ],
});

const broken = (dispatch: Parameters<typeof brokenOp>[0]) =>
  apply(brokenOp(dispatch), [input("x", [4])], undefined, "layer 3")[0];

test("a shader that does not compile is reported with node, constants and line", async () => {
  const outputs = [broken({ constants: { LANES: 0 } })];
  const message = await rejectionOf(compilePlan(await testDevice(), { name: "broken", outputs }));
  assert.match(message, /^node layer 3: shader relu LANES=0 does not compile: /);
  const fault = "@compute @workgroup_size(LANES)";
  const file = await readFile(new URL("../../../shaders/elementwise/relu.wgsl", import.meta.url));
  const line = String(file).split("\n").indexOf(fault) + 1;
  assert.match(message, new RegExp(`relu\\.wgsl:${line} .*\n  ${fault.replace(/[()]/g, "\\$&")}$`));
});

test("the line of a fault is the text's own after loops that are written out", async () => {
  const text = `// Three trips of a loop, then a fault.
const TRIPS: u32 = 3; // of the loop
struct Uniforms {
  groups: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sums: array<f32, 3>;
  for (var k: u32 = 0; k < TRIPS; k++) { // unroll
    sums[k] = f32(k);
    sums[k] += 1.0;
  }
  let fault: vec2f = x[id.x];
  y[id.x] = vec4f(sums[0], sums[1], sums[2], f32(uniforms.groups));
}
`;
  const outputs = [broken({ shader: shader("faulty", text) as never })];
  const message = await rejectionOf(compilePlan(await testDevice(), { name: "broken", outputs }));
  const line = text.split("\n").findIndex((one) => one.includes("let fault")) + 1;
  assert.match(
    message,
    new RegExp(`faulty\\.wgsl:${line} .*\n  let fault: vec2f = x\\[id\\.x\\];`),
  );
});

test("a kernel call that does not fit its shader is reported with its node", async () => {
  const device = await testDevice();
  for (const [dispatch, message] of [
    [
      { shader: "relu" as never },
      /^node layer 3: the shader of a dispatch must be made by `shader\(name, wgsl\)`, got the text "relu"$/,
    ],
    [{ constants: { WIDTH: 3 } }, /^node layer 3: shader relu has no const WIDTH$/],
    [{ bindings: [] }, /^node layer 3: relu binds 2 tensors, got 0$/],
    [{ uniforms: {} }, /^layer 3 \(relu\): the uniform groups has no value$/],
  ] as const) {
    const outputs = [broken(dispatch)];
    assert.match(await rejectionOf(compilePlan(device, { name: "broken", outputs })), message);
  }
});

test("what the GPU refuses while a plan is made is an error of the plan", async () => {
  const device = await testDevice();
  const usage = GPUBufferUsage.COPY_DST;
  const states = { parameters: device.gpu.createBuffer({ label: "no storage", size: 16, usage }) };
  const spec = { name: "odd", outputs: [relu(stateTensor("odd", [4], "parameters"))], states };
  assert.match(await rejectionOf(compilePlan(device, spec)), /^plan odd: .*"no storage".*usage/i);
  device.check(); // it was no uncaptured error
  states.parameters.destroy();
});

test("the range of a state that cannot be is refused with the state, the range and the rule", async () => {
  const device = await testDevice();
  const states = { parameters: stateBuffer(device, "parameters", new Float32Array(80)) };
  const planOf = (offset: number, floats = 4) => {
    const outputs = [relu(stateTensor("weights", [floats], "parameters", offset))];
    return rejectionOf(compilePlan(device, { name: "odd", outputs, states }));
  };
  const alignment = device.gpu.limits.minStorageBufferOffsetAlignment / 4;
  assert.is(
    await planOf(5),
    "plan odd: weights [4] begins at float 5 of the state parameters, but this adapter binds at " +
      `multiples of ${alignment} floats: use multiples of 64, which every adapter binds`,
  );
  assert.is(
    await planOf(64, 20),
    "plan odd: weights [20] takes the floats 64 to 83 of the state parameters, whose buffer holds 80",
  );
  assert.match(await planOf(128), /takes the floats 128 to 131 of the state parameters/);
  const missing = compilePlan(device, { name: "odd", outputs: [relu(stateTensor("w", [4], "s"))] });
  assert.is(await rejectionOf(missing), "plan odd: no buffer for the state s");
  states.parameters.destroy();
});

test("a kernel call that the GPU would refuse at every run is refused with its node", async () => {
  const device = await testDevice();
  const most = device.gpu.limits.maxComputeWorkgroupsPerDimension;
  const outputs = [relu(broken({ workgroups: [most + 1, 1, 1] }))];
  const message = await rejectionOf(compilePlan(device, { name: "wide", outputs }));
  assert.match(message, /^plan wide: .*; in node "layer 3"$/);
  assert.match(message, `${most + 1}`);
  device.check();
});

test("the node is named if the GPU's own message does not name it", async () => {
  const device = await testDevice();
  const most = device.gpu.limits.maxComputeWorkgroupsPerDimension;
  // As wgpu, which has no debug groups in its messages.
  const { prototype } = GPUDevice;
  const pop = prototype.popErrorScope;
  prototype.popErrorScope = async function () {
    const error = await pop.call(this);
    return error && ({ message: error.message.split("\n")[0] } as GPUError);
  };
  const unbindable = stateTensor("odd", [4], "parameters");
  const usage = GPUBufferUsage.COPY_DST; // no STORAGE
  const states = { parameters: device.gpu.createBuffer({ size: 16, usage }) };
  try {
    const wide = relu(broken({ workgroups: [1, most + 1, 1] }));
    const message = await rejectionOf(compilePlan(device, { name: "wide", outputs: [wide] }));
    assert.match(message, /^plan wide: .*; in node "layer 3"$/);
    const odd = relu(scale(unbindable, 2, "doubled"), "last");
    const other = await rejectionOf(compilePlan(device, { name: "odd", outputs: [odd], states }));
    assert.match(other, /^plan odd: .*; in node "doubled"$/);
  } finally {
    prototype.popErrorScope = pop;
    states.parameters.destroy();
  }
  device.check();
});

test.run();
