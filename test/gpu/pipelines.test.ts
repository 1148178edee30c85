import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPipelines, pipelineKey } from "../../src/gpu/pipelines.js";
import { relu, upConv2d } from "../../src/shaders/embedded.generated.js";
import { shader } from "../../src/shaders/shader.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

test("a specialisation is compiled once, whatever the order of its constants", async () => {
  const pipelines = createPipelines((await testDevice()).gpu);
  const first = await pipelines.get(upConv2d, { OUT: 4, LANES: 8 });
  assert.is(await pipelines.get(upConv2d, { LANES: 8, OUT: 4 }), first);
  assert.is(pipelines.count, 1);
  assert.is.not(await pipelines.get(upConv2d, { LANES: 4, OUT: 4 }), first);
  assert.is(pipelines.count, 2);
  pipelines.clear();
  assert.is(pipelines.count, 0);
});

test("two shaders of one name and other texts have pipelines of their own", async () => {
  const pipelines = createPipelines((await testDevice()).gpu);
  const text = (summand: number) => `const LANES: u32 = 1;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(LANES) fn main() { y[0] += ${summand}.0; }
`;
  const first = await pipelines.get(shader("mine", text(1)), {});
  assert.is.not(await pipelines.get(shader("mine", text(2)), {}), first);
  assert.is(await pipelines.get(shader("mine", text(1)), {}), first, "the same text once");
  assert.is(pipelines.count, 2);
});

test("a specialisation is named by its shader and its constants", () => {
  assert.is(pipelineKey("conv2d", { OUT: 4, KERNEL: 3 }), "conv2d KERNEL=3 OUT=4");
  assert.is(pipelineKey("relu", {}), "relu");
});

test("a workgroup that is too large is an error, and nothing is left over", async () => {
  const device = await testDevice();
  const pipelines = createPipelines(device.gpu);
  const lanes = device.gpu.limits.maxComputeInvocationsPerWorkgroup * 2;
  const message = await rejectionOf(pipelines.get(relu, { LANES: lanes }));
  assert.match(message, `shader relu LANES=${lanes} does not compile: `);
  await device.gpu.queue.onSubmittedWorkDone();
  device.check(); // no uncaptured error either
});

/** A GPU that compiles nothing and reports this with wgpu's message. */
function refusing(lineNum: number, linePos: number, message: string): GPUDevice {
  const module = { getCompilationInfo: async () => ({ messages: [report, warning] }) };
  const report = { type: "error", lineNum, linePos, message };
  const warning = { type: "warning", lineNum: 1, linePos: 1, message: "unused" };
  return {
    features: new Set(),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    pushErrorScope() {},
    popErrorScope: async () => null,
    createShaderModule: () => module,
    createComputePipelineAsync: async () => Promise.reject(new Error("the module is invalid")),
  } as unknown as GPUDevice;
}

test("an error of wgpu's compiler names the shader, and the line if known", async () => {
  const get = (gpu: GPUDevice) =>
    rejectionOf(createPipelines(gpu, async () => "const A: u32 = 1;\n  a bad line").get(relu, {}));
  const unplaced =
    "\nShader validation error: Entry point main at Compute is invalid\n = Workgroup size is out of range\n\n";
  assert.is(
    await get(refusing(0, 0, unplaced)),
    "shader relu does not compile: relu.wgsl: Shader validation error: Entry point main at Compute is invalid; Workgroup size is out of range",
  );
  const placed =
    "\nShader 'relu' parsing error: expected `;`\n  ┌─ wgsl:2:5\n  │\n2 │   a bad line\n  │     ^^^ expected `;`\n\n";
  assert.is(
    await get(refusing(2, 5, placed)),
    "shader relu does not compile: relu.wgsl:2 Shader 'relu' parsing error: expected `;`\n  a bad line",
  );
});

test.run();
