import { test } from "uvu";
import * as assert from "uvu/assert";
import { capabilitiesOf, WANTED_FEATURES } from "../../src/gpu/adapter-capabilities.js";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import { unet } from "../../src/model/unet.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { stepSpec } from "../../src/train/step-graph.js";
import { adapterInfo, capabilitiesOfGpu } from "../device-variants.js";

const LIMITS = { maxTextureDimension2D: 8192, maxComputeInvocationsPerWorkgroup: 256 };
const ALL = new Set<string>(WANTED_FEATURES);

test("the information of an adapter determines what its invocations can hold", () => {
  const traits = (vendor: string, least: number, most: number, features = ALL) => {
    const { kind, workgroupSize, gpu } = capabilitiesOf(
      adapterInfo(vendor, "", least, most),
      features,
      LIMITS,
    );
    assert.equal([kind, workgroupSize, gpu?.invocations], ["gpu", 64, 256]);
    return [gpu?.lanes, gpu?.registers, gpu?.narrow];
  };
  const without = new Set<string>();
  // Gen 9 to Xe-HPG, by the names of Dawn and by the PCI ids of wgpu; Xe2.
  assert.equal(traits("intel", 8, 32), [16, 64, 8]);
  assert.equal(traits("32902", 8, 32), [16, 64, 8]);
  assert.equal(traits("0x8086", 8, 32), [16, 64, 8]);
  assert.equal(traits("intel", 16, 32), [32, 64, 16]);
  assert.equal(traits("intel", 8, 32, without), [16, 64, 0]);
  assert.equal(traits("intel", 0, 0, without), [16, 64, 0]);
  // wgpu's sizes if it does not know them.
  assert.equal(traits("32902", 4, 128, without), [16, 64, 0]);
  assert.equal(traits("4098", 4, 128, without), [64, 256, 0]);
  assert.equal(traits("amd", 32, 64), [64, 256, 32]);
  assert.equal(traits("amd", 64, 64), [64, 256, 0]);
  assert.equal(traits("nvidia", 32, 32), [32, 255, 0]);
  assert.equal(traits("arm", 16, 16), [16, 64, 0]);
  // Firefox hides everything; Apple and Qualcomm are unknown here.
  assert.equal(traits("", 0, 0, without), [32, 128, 0]);
  assert.equal(traits("apple", 32, 32), [32, 128, 0]);
  assert.equal(traits("qualcomm", 64, 128), [32, 128, 0]);
});

test("an adapter in software is no GPU, whatever its vendor", () => {
  const info = { ...adapterInfo("mesa", "software", 8, 8), description: "llvmpipe: Mesa 25" };
  assert.equal(capabilitiesOf(info, ALL, LIMITS), {
    kind: "cpu",
    workgroupSize: 8,
    subgroups: true,
    textureSide: 8192,
    f16: true,
    gpu: undefined,
  });
});

/** Kernels of the convolutions that a training step of width 16 runs, as a set. */
function kernelsOf(...args: Parameters<typeof capabilitiesOfGpu>): string[] {
  const spec = stepSpec(unet(modelConfig({ base: 16 })), trainingConfig({ tile: 284 }));
  const target = { capabilities: capabilitiesOfGpu(...args), choices: new Map() };
  const steps = planDispatches(target, spec).filter(({ node }) => node.op.name.includes("conv2d"));
  return [...new Set(steps.map(({ kernel }) => kernel))].sort();
}

test("the first guess is the tile that an invocation's registers hold", () => {
  const whole = ["buffer", "conv2d-loss", "workgroup"];
  assert.equal(kernelsOf("an NVIDIA GPU"), whole);
  assert.equal(kernelsOf("an AMD GPU"), whole);
  assert.equal(kernelsOf("a GPU that hides its name"), whole);
  const narrow = ["buffer", "buffer-32-narrow", "conv2d-loss", "workgroup-32-narrow"];
  assert.equal(kernelsOf("an Intel GPU"), narrow);
  assert.equal(kernelsOf("an Intel GPU of Xe2"), narrow);
  const small = ["buffer", "buffer-16", "conv2d-loss", "workgroup-16"];
  assert.equal(kernelsOf("an Intel GPU", ["subgroup-size-control"]), small);
});

test("workgroups fill the subgroups of an adapter and stay within its limit", () => {
  const spec = stepSpec(unet(modelConfig({ base: 16 })), trainingConfig({ tile: 284 }));
  for (const [name, least] of [
    ["an AMD GPU", 64],
    ["an NVIDIA GPU", 32],
    ["an Intel GPU", 8],
    ["an Intel GPU of Xe2", 16],
  ] as const) {
    for (const most of [128, 256]) {
      const known = capabilitiesOfGpu(name);
      const gpu = known.gpu && { ...known.gpu, invocations: most };
      const target = { capabilities: { ...known, gpu }, choices: new Map() };
      for (const { dispatch } of planDispatches(target, spec)) {
        const { shader, constants = {} } = dispatch;
        const { OUT, CHANNELS, PLACES, IN, TAPS } = constants;
        if (!/workgroup$/.test(shader.name)) continue;
        const invocations = (OUT / CHANNELS) * (PLACES ?? (IN * 3) / TAPS);
        const where = `${name}: ${shader.name} ${JSON.stringify(constants)}`;
        assert.ok(invocations >= least && invocations <= most, `${where}: ${invocations}`);
      }
    }
  }
});

/** Firefox reports this for every adapter. */
const hidden = { vendor: "", architecture: "", device: "", description: "" };

function kindOf(info: object, features: readonly string[] = ["subgroups"]) {
  const { kind, workgroupSize, subgroups } = capabilitiesOf(
    { ...hidden, ...info },
    new Set(features),
    LIMITS,
  );
  return `${kind}, ${workgroupSize} lanes${subgroups ? " of a subgroup" : ""}`;
}

test("an adapter is in software by its name, or because the browser falls back to it", () => {
  const sized = (least: number, most: number) => ({
    subgroupMinSize: least,
    subgroupMaxSize: most,
  });
  const isFallbackAdapter = true;
  assert.is(
    kindOf({ description: "SwiftShader driver 5.0.0", ...sized(4, 4) }),
    "cpu, 4 lanes of a subgroup",
  );
  assert.is(
    kindOf({ device: "llvmpipe (LLVM 15.0.6, 256 bits)", ...sized(8, 8) }),
    "cpu, 8 lanes of a subgroup",
  );
  // Firefox 153 hides every name; wgpu reports 4 and 128 if it does not know the sizes.
  assert.is(kindOf({ isFallbackAdapter, ...sized(4, 128) }, []), "cpu, 8 lanes");
  assert.is(kindOf({ isFallbackAdapter, ...sized(4, 4) }), "cpu, 4 lanes of a subgroup");
  assert.is(kindOf({ isFallbackAdapter }, []), "cpu, 4 lanes");
});

test("a GPU is none, with a name or without", () => {
  assert.is(kindOf({}), "gpu, 64 lanes");
  assert.is(
    kindOf({ isFallbackAdapter: false, subgroupMinSize: 4, subgroupMaxSize: 128 }),
    "gpu, 64 lanes",
  );
  assert.is(kindOf({ vendor: "intel", isFallbackAdapter: false }), "gpu, 64 lanes");
});

test.run();
