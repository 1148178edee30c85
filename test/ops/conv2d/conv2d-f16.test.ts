import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CheckRow, opPlans } from "../../../src/check/check-op.js";
import { convolution, masked, skipping } from "../../../src/check/conv2d-cases.js";
import type { TuningCache } from "../../../src/gpu/adapter-entries.js";
import { loadAvoided, saveAvoided } from "../../../src/gpu/avoided-kernels.js";
import type { Device } from "../../../src/gpu/device.js";
import { capabilitiesFor, planDispatches } from "../../../src/gpu/planned-dispatches.js";
import { tunableGroups } from "../../../src/gpu/tunable-groups.js";
import { input } from "../../../src/graph/tensor.js";
import { TOLERANCES } from "../../../src/graph/tolerances.js";
import { conv2d } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { capabilitiesOfGpu } from "../../device-variants.js";

const KEY = "conv2d workgroup-f16";

/** The device as if it were a GPU that computes with 16 bits. */
async function asGpu(name: Parameters<typeof capabilitiesOfGpu>[0]): Promise<Device> {
  const device = await testDevice();
  const capabilities = { ...device.capabilities, ...capabilitiesOfGpu(name), f16: true };
  return { ...device, capabilities, choices: new Map(), avoided: new Set(), proven: new Set() };
}

/** SwiftShader has no 16-bit floats: there only the choice is tested. */
function computes(name: string, run: () => Promise<void>): void {
  test(name, async () => {
    const { gpu } = await testDevice();
    if (gpu.features.has("shader-f16")) await run();
  });
}

const layer = () => {
  const x = input("x", [1, 16, 12, 20]);
  return conv2d(x, input("weight", [16, 16, 3, 3], "dense"), undefined, { name: "layer" });
};

const CASES = {
  "an AMD GPU": [
    convolution({ x: [1, 17, 9, 37], outs: 20 }),
    masked({ x: [1, 16, 7, 20], outs: 18 }),
    skipping([1, 6, 13, 45], [1, 17, 5, 37], 18),
  ],
  "an Intel GPU": [convolution({ x: [2, 33, 6, 35], outs: 35, border: 1 })],
} as const;

for (const [name, cases] of Object.entries(CASES)) {
  computes(`${name}: factors of 16 bits give outputs and gradients within 2e-3`, async () => {
    const device = await asGpu(name as keyof typeof CASES);
    const capabilities = { ...device.capabilities, halfFactors: { has: () => true } };
    const rows: CheckRow[] = [];
    for (const one of cases) {
      const isHalf = (kernel: string | undefined) => kernel?.includes("-f16") ?? false;
      for await (const plan of opPlans(one)({ ...device, capabilities }, isHalf)) {
        assert.ok(
          plan.halfKernels?.some((kernel) => kernel.startsWith(KEY)),
          one.name,
        );
        rows.push(...plan.rows);
      }
    }
    assert.equal(
      rows.flatMap(({ problem }) => problem ?? []),
      [],
    );
    const forward = rows.filter(({ what }) => what === "forward");
    assert.ok(forward.length >= cases.length);
    // Rounding to 11 bits is off by 3e-4 for two factors: less would be products of 32 bits.
    for (const { error } of forward) assert.ok(error > 1e-4 && error < TOLERANCES.f16, `${error}`);
  });
}

test("they are in no plan unless it allows them, and unless the doctor found them right", async () => {
  const device = await asGpu("an AMD GPU");
  const y = layer();
  const kernels = (halfFactors: boolean) =>
    planDispatches(device, {
      name: "plan",
      outputs: [y],
      halfFactors,
      choose: (_node, offered) => offered.find((one) => one.endsWith("-f16")) ?? offered[0],
    }).map(({ kernel }) => kernel);
  assert.not.ok(kernels(true).includes("workgroup-f16"), "nothing is proven");
  device.proven.add(KEY);
  assert.ok(kernels(true).includes("workgroup-f16"));
  assert.not.ok(kernels(false).includes("workgroup-f16"), "the plan does not allow it");
  assert.is(
    planDispatches(device, { name: "plan", outputs: [y], halfFactors: true })[0].kernel,
    "workgroup",
  );
});

test("what the doctor found right is kept for the adapter, and a smaller examination keeps it", async () => {
  let text: string | undefined;
  const storage: TuningCache = {
    name: "memory",
    read: async () => text,
    write: async (written) => {
      text = written;
    },
  };
  const device = await asGpu("an AMD GPU");
  await saveAvoided(device, storage, { scope: "normal", avoided: {}, proven: [KEY] });
  await saveAvoided(device, storage, { scope: "quick", avoided: {}, proven: [] });
  await loadAvoided(device, storage);
  assert.equal([...device.proven], [KEY]);
});

test("the tuner tries them under f16 only, and its choice is not that of plans in 32 bits", async () => {
  const device = await asGpu("an AMD GPU");
  device.proven.add(KEY);
  const [usual, half] = [false, true].map((halfFactors) => {
    const spec = { name: "plan", outputs: [layer()], halfFactors };
    return tunableGroups(spec, capabilitiesFor(device, spec))[0];
  });
  const names = ({ offered }: typeof usual) => offered.map(({ name }) => name);
  assert.equal(names(half), [...names(usual), "workgroup-f16"]);
  assert.is(half.key, `${usual.key} f16`);
  device.choices.set(half.key, "workgroup-f16");
  device.choices.set(usual.key, "workgroup-32");
  const kernelOf = (halfFactors: boolean) =>
    planDispatches(device, { name: "plan", outputs: [layer()], halfFactors }).at(-1)?.kernel;
  assert.equal([kernelOf(true), kernelOf(false)], ["workgroup-f16", "workgroup-32"]);
});

test.run();
