import { test } from "uvu";
import * as assert from "uvu/assert";
import { estimateText } from "../../../bench/compilers/estimate.js";
import { invocationsOf, pipelinesOf } from "../../../bench/compilers/pipelines.js";
import type { Result } from "../../../bench/compilers/results.js";
import { columnsOf, tableOf } from "../../../bench/compilers/table.js";
import { createNetwork } from "../../../bench/network.js";
import { multiplyAddsOf } from "../../../bench/step.js";

const GPU = { kind: "gpu", workgroupSize: 64, subgroups: false, textureSide: 8192 } as const;

const dispatch = {
  node: "encoder1.conv1",
  workgroups: [2, 3, 4] as const,
  multiplyAdds: 3e9,
  bytes: 4096,
  uniforms: { inChannels: 4000 },
};

const result: Result = {
  family: "navi31",
  width: 64,
  tile: 572,
  label: "conv2d KERNEL=3",
  shader: "conv2d",
  constants: { KERNEL: 3 },
  packed: [],
  kernel: "buffer",
  dispatches: [dispatch, dispatch],
  invocations: 128,
  milliseconds: 5,
  stats: {
    subgroup: 64,
    VGPRs: 108,
    "Pre-Sched SGPRs": 40,
    "Spilled VGPRs": 0,
    "LDS size": 512,
    "Subgroups per SIMD": 10,
    "Code size": 6760,
    Instructions: 1371,
    "Inverse Throughput": 4270,
    Latency: 8242,
  },
  mix: {
    all: {},
    loops: [
      {
        from: "BB2",
        to: "BB2",
        instructions: 200,
        counts: {
          fma: 150,
          ldsLoad: 10,
          ldsLoadBytes: 160,
          load: 4,
          wait: 5,
          barrier: 1,
          valu: 30,
        },
      },
    ],
  },
};

test("AMD: waves of 64 are half as many as RADV counts, shares are of the hottest loop", () => {
  assert.equal(columnsOf(result), {
    family: "navi31",
    width: 64,
    label: "conv2d KERNEL=3",
    lanes: 128,
    subgroup: 64,
    VGPRs: 108,
    SGPRs: 40,
    spills: 0,
    LDS: 512,
    occupancy: 5,
    bytes: 6760,
    instructions: 1371,
    "inv.thr.": 4270,
    latency: 8242,
    hot: 200,
    "fma%": 75,
    "lds%": 5,
    "mem%": 2,
    "wait%": 3,
    "other%": 15,
    dispatches: 2,
    GMAC: "6.0",
  });
});

test("Intel and NVIDIA have statistics of other names; without a loop its columns are empty", () => {
  const { mix, ...rest } = result;
  const intel = { subgroup: 16, "Max live registers": 328, "Spill Count": 651, "Cycle Count": 9 };
  const { VGPRs, spills, occupancy, latency, hot, ...others } = columnsOf({
    ...rest,
    stats: intel,
  });
  assert.equal([VGPRs, spills, occupancy, latency, hot], [328, 651, "", 9, ""]);
  assert.equal([others["fma%"], others["other%"]], ["", ""]);
  const nvidia = columnsOf({ ...rest, stats: { Registers: 96, "Warps per SM": 20 } });
  assert.equal([nvidia.VGPRs, nvidia.occupancy, nvidia.subgroup], [96, 5, 32]);
});

test("the table aligns words to the left and numbers to the right, or is Markdown", () => {
  const rows = [
    { family: "dg2", spills: 0, label: "max-pool2d" },
    { family: "navi31", spills: 1024, label: "adam" },
  ];
  assert.is(
    tableOf(rows),
    "family  spills  label\ndg2          0  max-pool2d\nnavi31    1024  adam",
  );
  assert.is(
    tableOf(rows, true),
    "| family | spills | label |\n|---|---|---|\n| dg2 | 0 | max-pool2d |\n| navi31 | 1024 | adam |",
  );
});

test("the first choices do the multiply-adds of a training step, other kernels add none", () => {
  const size = { width: 16, tile: 284 };
  const sum = (all: boolean) => {
    const pipelines = pipelinesOf(GPU, size, { all, only: "" });
    const dispatches = pipelines.flatMap((pipeline) => pipeline.dispatches);
    const count = dispatches.reduce((total, { multiplyAdds }) => total + multiplyAdds, 0);
    return { labels: pipelines.map(({ label }) => label), count };
  };
  const [chosen, all] = [sum(false), sum(true)];
  const { forward, first } = multiplyAddsOf(createNetwork(size.width, size.tile));
  assert.ok(Math.abs(chosen.count / (3 * forward - first) - 1) < 0.01, `${chosen.count}`);
  assert.is(all.count, chosen.count);
  assert.equal(all.labels.slice(0, chosen.labels.length), chosen.labels);
  assert.ok(all.labels.some((label) => label.includes("winograd")));
  const only = pipelinesOf(GPU, size, { all: false, only: "up-conv2d" });
  assert.equal(
    only.map(({ label }) => label),
    chosen.labels.filter((label) => label.includes("up-conv2d")),
  );
});

test("invocations of a workgroup are evaluated from the constants of the shader", () => {
  const code = "const OUT: u32 = 64; // channels\nconst SIZE: u32 = OUT * 2;\n@compute ";
  assert.is(invocationsOf(`${code}@workgroup_size(SIZE)\nfn main() {}`), 128);
  assert.throws(() => invocationsOf(code), /no @workgroup_size/);
});

test("the estimate of a dispatch: cycles of its trips at the clock, never faster than memory", () => {
  // One iteration per channel: 150 + 2 * 30 cycles, then a load of 600. Start and end take 1000.
  const seconds = (4000 * (210 + 600) + 1000) / 2.5e9;
  const one = estimateText([{ ...result, dispatches: [dispatch] }], []);
  assert.match(one, /^7900 XTX, width 64: an estimated /);
  assert.match(one, `conv2d KERNEL=3`);
  assert.match(one, ` 1 x     ${(1e3 * seconds).toFixed(3)} ms `);
  const large = { ...dispatch, bytes: 0.96e12 };
  assert.match(estimateText([{ ...result, dispatches: [large] }], []), "1000.000 ms");
  assert.is(estimateText([{ ...result, family: "dg2" }], []), "");
});

test.run();
