import { test } from "uvu";
import * as assert from "uvu/assert";
import { measurePeak } from "../../src/gpu/peak.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createProfile, profilePlan } from "../../src/gpu/profile.js";
import { profileCsv, profileLines } from "../../src/gpu/profile-text.js";
import type { RunTimes } from "../../src/gpu/timing.js";
import type { DispatchWork } from "../../src/gpu/work.js";
import { input } from "../../src/graph/tensor.js";
import { add, conv2d, gradients, relu } from "../../src/ops/index.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";

const describe = () =>
  ({ adapter: "test" }) as ReturnType<Parameters<typeof createProfile>[0]["describe"]>;
const dispatch = (
  node: string,
  shader: string,
  change: Partial<DispatchWork> = {},
): DispatchWork => ({
  node,
  op: "conv2d",
  kernel: "texture",
  shader,
  multiplyAdds: 0,
  bytes: 1e6,
  copies: [],
  ...change,
});
const WORK = [
  dispatch("first", "pack"),
  dispatch("first", "convolve", {
    multiplyAdds: 1e6,
    copies: [
      { tensor: "x", bytes: 3e6 },
      { tensor: "weight", bytes: 1e6 },
    ],
  }),
  dispatch("second", "pack", { op: "add", kernel: "add" }),
];
const run = (ms: readonly number[], copyMs: number, resolutionMs = 1e-6): RunTimes => ({
  method: "timestamps",
  resolutionMs,
  dispatches: ms.map((time, i) => ({ ms: time, copyMs: i === 1 ? copyMs : 0 })),
});

test("a profile adds a node's dispatches up, gives copies rows of their own, the costliest first", () => {
  const profile = createProfile({ describe }, { work: WORK }, [run([1, 2, 5], 4)], 10);
  assert.is(profile.ms, 12);
  assert.equal(
    profile.nodes.map(({ name, kernel, dispatches, ms }) => [name, kernel, dispatches, ms]),
    [
      ["second", "add", 1, 5],
      ["first", "conv2d texture", 2, 3],
      ["copy of x", "copy", 1, 3],
      ["copy of weight", "copy", 1, 1],
    ],
  );
  assert.equal(
    profile.kernels.map(({ name, ms }) => [name, ms]),
    [
      ["pack", 6],
      ["copy into texture", 4],
      ["convolve", 2],
    ],
  );
  const convolve = profile.kernels[2];
  // 2e6 operations in 2 ms are 1 GFLOP/s: a tenth of the peak.
  assert.equal([convolve.gflops, convolve.shareOfPeak, convolve.gigabytesPerSecond], [1, 0.1, 0.5]);
  assert.is(convolve.share, 2 / 12);
});

test("the time of a dispatch is the median of its runs, or their mean if the clock is coarse", () => {
  const runs = (resolution?: number) => [1, 2, 30].map((ms) => run([ms, 0, 0], 0, resolution));
  const msOf = (resolution?: number) =>
    createProfile({ describe }, { work: WORK }, runs(resolution), 10).nodes[0].ms;
  assert.is(msOf(), 2);
  assert.is(msOf(0.1), 11);
  const none = () => createProfile({ describe }, { work: WORK }, [], 10);
  assert.is(messageOf(none), "a profile needs at least one timed run");
});

test("the text has both tables and says how the times were taken, the CSV has a row per node", () => {
  const profile = createProfile({ describe }, { work: WORK }, [run([1, 2, 5], 4)], 10);
  const lines = profileLines(profile);
  assert.match(lines[0], "Profile on test: 12.0 ms per step");
  assert.match(lines[1], "copies into textures have separate rows");
  assert.ok(lines.some((line) => /^kernel +calls +ms/.test(line)));
  assert.ok(lines.some((line) => /^second +add +1 +5\.000 +41\.7 %/.test(line)));
  assert.match(profileLines({ ...profile, method: "queue" })[1], "this adapter has no timestamps");
  assert.is(profileCsv(profile).split("\n").length, 1 + 4 + 1);
});

test("a plan's profile has every dispatch once, and P is above what its nodes reach", async () => {
  const device = await testDevice();
  const x = input("x", [1, 8, 66, 66]);
  const weight = input("weight", [16, 8, 3, 3], "dense");
  const y = conv2d(x, weight, undefined, { activation: "relu" });
  const of = gradients(y, [x, weight], relu(y)).filter((tensor) => tensor !== undefined);
  const outputs = [add(y, y), add(y, relu(y)), ...of];
  const plan = await compilePlan(device, { name: "profiled", outputs });
  const profile = await profilePlan(device, plan, {
    repeats: 5,
    inputs: { x: new Float32Array(8 * 66 * 66).fill(1), weight: new Float32Array(16 * 8 * 9) },
  });
  const dispatches = profile.nodes.filter(({ kernel }) => kernel !== "copy");
  assert.is(
    dispatches.reduce((sum, row) => sum + row.dispatches, 0),
    plan.dispatchCount,
  );
  assert.ok(
    dispatches.some(({ name }) => name === "add (2)"),
    "nodes of one name stay apart",
  );
  const shares = profile.nodes.reduce((sum, { share }) => sum + share, 0);
  assert.ok(Math.abs(shares - 1) < 1e-9, `${shares}`);
  const convolution = profile.nodes.find(({ name }) => name === "conv2d");
  assert.ok(convolution && convolution.gflops > 0);
  // Other work on the machine may slow the peak and not the kernel, so the bound is generous.
  assert.ok(convolution.shareOfPeak < 3, `${convolution.shareOfPeak} of the peak`);
  plan.close();
});

test("P is repeatable", async () => {
  const device = await testDevice();
  const values = [];
  for (let i = 0; i < 3; i++) values.push(await measurePeak(device));
  const [least, , most] = values.sort((a, b) => a - b);
  assert.ok(least > 0.5 && most < 5 * least, `${values}`);
});

test.run();
