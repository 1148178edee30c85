import { test } from "uvu";
import * as assert from "uvu/assert";
import { opPlans, planCheck } from "../../src/check/check-op.js";
import { checkUpdate } from "../../src/check/check-update.js";
import { GENERAL_CASES } from "../../src/check/general-cases.js";
import { FEW_LANES_CASES, FIRST_CASES, NETWORK_CASES } from "../../src/check/network-cases.js";
import { UPDATE_CASES } from "../../src/check/update-cases.js";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { cutGrid, inSlices, sliceDispatch } from "../../src/gpu/slice-dispatch.js";
import { input } from "../../src/graph/tensor.js";
import { apply, dispatch, type Op, perGroup, shader } from "../../src/operations.js";
import { deviceVariants, testDevice } from "../device.js";
import { noise } from "../numbers.js";
import { isInSample } from "../sample.js";
import { stateBuffer } from "../state.js";

test("a grid is cut into boxes that cover each workgroup once", () => {
  for (const grid of [
    [7, 1, 1],
    [65535, 3, 1],
    [5, 4, 3],
    [1, 1, 1],
  ] as const) {
    for (const count of [1, 2, 3, 7, 40, 100]) {
      const slices = cutGrid(grid, count);
      const total = grid[0] * grid[1] * grid[2];
      assert.ok(slices.length <= Math.max(count * 2, 1), `${grid} by ${count}: ${slices.length}`);
      assert.ok(slices.length >= Math.min(count, total), `${grid} by ${count}: ${slices.length}`);
      const sizes = slices.map(({ workgroups: [x, y, z] }) => x * y * z);
      assert.is(
        sizes.reduce((a, b) => a + b),
        total,
      );
      if (total > 1000) continue;
      const seen = new Set<string>();
      for (const { first, workgroups } of slices) {
        for (let x = 0; x < workgroups[0]; x++)
          for (let y = 0; y < workgroups[1]; y++)
            for (let z = 0; z < workgroups[2]; z++)
              seen.add(`${first[0] + x} ${first[1] + y} ${first[2] + z}`);
      }
      assert.is(seen.size, total);
    }
  }
});

test("a shader without uniforms, and one of global ids, can be cut too", async () => {
  const text = inSlices(
    "bare",
    "@group(0) @binding(0) var<storage, read_write> y: array<f32>;\n" +
      "@compute @workgroup_size(4, 2) fn main(@builtin(global_invocation_id) at: vec3u) { y[at.x] = 1; }",
    1,
  );
  assert.match(text, "@builtin(global_invocation_id) at_in_slice: vec3u");
  assert.match(
    text,
    "let at = at_in_slice + vec3u(uniforms.sliceX, uniforms.sliceY, uniforms.sliceZ) * vec3u(4, 2, 1);",
  );
  assert.match(text, "@binding(1) var<uniform> uniforms: Uniforms");
  const bare = shader(
    "bare",
    "@group(0) @binding(0) var<storage, read_write> y: array<f32>;\nfn main() {}",
  );
  const y = input("y", [4]);
  const parts = sliceDispatch(dispatch(bare, { bindings: [y], workgroups: [5, 1, 1] }), 2);
  assert.equal(
    parts.map(({ share }) => share),
    [0.4, 0.6],
  );
  assert.is(parts[1].dispatch.uniforms?.sliceX, 2);
  assert.is(parts[1].dispatch.shader.bindings.length, 2);
});

/** The same device with every dispatch in three, and what was cut. */
function cutting(device: Device, cut: Set<string>): Device {
  const slicesOf: Device["slicesOf"] = ({ shader, workgroups }) => {
    if (Math.max(...workgroups) > 1) cut.add(shader.name);
    return 3;
  };
  return { ...device, slicesOf };
}

test("kernels of every family give the same results, to the bit, in one dispatch and in three", async () => {
  const cut = new Set<string>();
  const seen = new Set<string>();
  const all = [...FIRST_CASES, ...NETWORK_CASES, ...FEW_LANES_CASES, ...GENERAL_CASES];
  for (const [, device] of await deviceVariants()) {
    const target = { ...device, choices: new Map<string, string>() };
    for (const one of all) {
      for (const { kernel, steps } of planCheck(one, target)) {
        // A plan per shader that no plan before has run.
        const shaders = steps.map(({ dispatch: { shader } }) => shader.name);
        const others = shaders.filter((name) => !seen.has(name));
        for (const name of others) seen.add(name);
        if (!others.some((name) => isInSample(name, 30))) continue;
        const errorsOf = async (on: Device) => {
          const errors: unknown[] = [];
          for await (const { kernels, rows } of opPlans(one)(on, (other) => other === kernel)) {
            for (const { what, error, problem } of rows) {
              assert.is(problem, undefined);
              // The norm of all differences: a single other bit shows.
              errors.push([kernels.join(), what, error]);
            }
          }
          return errors;
        };
        assert.equal(await errorsOf(cutting(device, cut)), await errorsOf(device), one.name);
      }
    }
  }
  const device = await testDevice();
  for (const one of UPDATE_CASES.filter(({ name }) => isInSample(name, 8))) {
    const [whole, slices] = [
      await checkUpdate(device, one),
      await checkUpdate(cutting(device, cut), one),
    ];
    assert.equal(slices.rows, whole.rows, one.name);
  }
  assert.ok(cut.size >= 3, [...cut].join());
});

/** y = x after `trips` multiply-adds per element, of which it says that they are many. */
const busyOp: Op<{ readonly trips: number }> = {
  name: "busy",
  outputs: ([x]) => [{ shape: x.shape, layout: x.layout }],
  gradient: () => [undefined],
  kernels: [
    {
      name: "busy",
      dispatches: ({ inputs: [x], outputs: [y], attributes: { trips } }) => [
        {
          ...perGroup(busy, y, { bindings: [x, y], constants: { TRIPS: trips } }),
          multiplyAdds: 3e9,
        },
      ],
    },
  ],
};

const busy = shader<"LANES" | "TRIPS", "groups", ["x", "y"]>(
  "busy",
  `const LANES: u32 = 64;
const TRIPS: u32 = 1; // a pipeline for each number: its pace is another one
struct Uniforms { groups: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;
@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  var value = x[index];
  for (var i: u32 = 0; i < TRIPS; i++) { value = fma(value, vec4f(0.5), vec4f(0.25)); }
  y[index] = value;
}
`,
);

test("a dispatch that was measured to take long runs as several short ones, and changes no state before", async () => {
  const device = await testDevice();
  const count = 64 * 4 * 256;
  const states = { kept: stateBuffer(device, "kept", new Float32Array(count).fill(7)) };
  const planOf = async (trips: number) => {
    const x = input("x", [count]);
    const [y] = apply(busyOp, [x], { trips });
    const outputsInto = new Map([[y, { state: "kept", offset: 0 }]]);
    const plan = await compilePlan(device, { name: "busy", outputs: [y], states, outputsInto });
    return { plan, y };
  };
  const values = noise(count, 1);
  const timeOf = async (trips: number) => {
    const { plan } = await planOf(trips);
    const { dispatches } = await plan.runTimed({ x: values });
    plan.close();
    return dispatches.reduce((sum, { ms }) => sum + ms, 0);
  };
  await timeOf(1);
  const ms = await timeOf(2000);
  device.gpu.queue.writeBuffer(states.kept, 0, new Float32Array(count).fill(7));
  // Longer than twice the bound of half a second, in all.
  const { plan, y } = await planOf(Math.ceil((2000 * 1500) / ms));
  assert.equal((await plan.read(y)).slice(0, 3), Float32Array.of(7, 7, 7));
  assert.ok(plan.dispatchCount >= 3, `${plan.dispatchCount} dispatches`);
  assert.is(plan.multiplyAdds, 3e9);
  plan.run({ x: values });
  assert.ok((await plan.read(y)).every((value) => value === 0.5));
  plan.close();
  states.kept.destroy();
});

test.run();
