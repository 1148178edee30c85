import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPipelines, pipelineKey } from "../../src/gpu/pipelines.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

test("a specialisation is compiled once, whatever the order of its constants", async () => {
  const pipelines = createPipelines((await testDevice()).gpu);
  const first = await pipelines.get("up-conv2d", { OUT: 4, LANES: 8 });
  assert.is(await pipelines.get("up-conv2d", { LANES: 8, OUT: 4 }), first);
  assert.is(pipelines.count, 1);
  assert.is.not(await pipelines.get("up-conv2d", { LANES: 4, OUT: 4 }), first);
  assert.is(pipelines.count, 2);
  pipelines.clear();
  assert.is(pipelines.count, 0);
});

test("a specialisation is named by its shader and its constants", () => {
  assert.is(pipelineKey("conv2d", { OUT: 4, KERNEL: 3 }), "conv2d KERNEL=3 OUT=4");
  assert.is(pipelineKey("relu", {}), "relu");
});

test("a workgroup that is too large is an error, and nothing is left over", async () => {
  const device = await testDevice();
  const pipelines = createPipelines(device.gpu);
  const lanes = device.gpu.limits.maxComputeInvocationsPerWorkgroup * 2;
  const message = await rejectionOf(pipelines.get("relu", { LANES: lanes }));
  assert.match(message, `shader relu LANES=${lanes} does not compile: `);
  await device.gpu.queue.onSubmittedWorkDone();
  device.check(); // no uncaptured error either
});

test.run();
