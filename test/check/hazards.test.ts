// Each case for what drivers are known to get wrong finds that fault if a driver has it.

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Hazard } from "../../src/check/hazard.js";
import { HAZARDS } from "../../src/check/hazards.js";
import { clockFinding } from "../../src/check/hazards-time.js";
import type { Device } from "../../src/gpu/device.js";
import { testDevice } from "../device.js";
import { instead, withFault } from "./faulty-device.js";

const hazard = (part: string): Hazard => {
  const found = HAZARDS.filter(({ name }) => name.startsWith(part));
  assert.is(found.length, 1, part);
  return found[0];
};

/** What a compiler or a driver may do to a shader: its name, a part of its text, and another instead. */
type Fault = readonly [what: string, shader: string, part: string, instead: string];

const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  "division and remainder": [
    [
      "a constant by 3",
      "check-division",
      "LARGE % b[i]",
      "select(LARGE % b[i], LARGE + 1, b[i] == 3)",
    ],
    [
      "by way of floats",
      "check-division",
      "a[i] / uniforms.divisor",
      "u32(f32(a[i]) / f32(uniforms.divisor))",
    ],
    ["no sign", "check-division", "bitcast<i32>(a[i]) / ", "bitcast<i32>(a[i] & 2147483647) / "],
    ["a power of two", "check-division", "y[n + i] = a[i] % b[i]", "y[n + i] = a[i] & (b[i] - 1)"],
  ],
  "unary minus": [
    ["a lost minus", "check-signs", "y[i] = -a[i]", "y[i] = a[i]"],
    ["a lost abs", "check-signs", "abs(a[i] - b[i])", "(a[i] - b[i])"],
    ["a minus of one term", "check-signs", "-(a[i] - b[i])", "(-a[i] - b[i])"],
  ],
  "infinities and NaN": [
    ["assumed not to be there", "check-finite", "(bits & EXPONENT) == EXPONENT", "false"],
    ["flushed", "check-finite", "a[i] * b[i]", "clamp(a[i] * b[i], -3e38, 3e38)"],
  ],
  "tables of constants": [
    ["a sum for a difference", "check-tables", "-= seven", "+= seven"],
    ["a folded entry", "check-tables", "40 + 2", "40 - 2"],
  ],
  "packing and unpacking": [
    ["swapped halves", "check-halves", "pack2x16float(both)", "pack2x16float(both.yx)"],
    [
      "normalised numbers",
      "check-halves",
      "unpack2x16float(words[i])",
      "unpack2x16snorm(words[i])",
    ],
    [
      "no large ones",
      "check-halves",
      "pack2x16float(both)",
      "pack2x16float(clamp(both, vec2f(-32768), vec2f(32768)))",
    ],
  ],
  "compensated sums": [["optimised away", "check-sums", "value - lost", "value"]],
  "workgroup memory between": [
    ["a barrier left out", "check-workgroup", "workgroupBarrier();", ""],
    ["the wrong lane of a vector", "check-workgroup", "vectors[other][k]", "vectors[other][0]"],
  ],
  "workgroup memory begins": [["left as it was", "check-zeroed", "uniforms.dirty == 1", "true"]],
  "copies from buffers": [
    [
      "rows of another stride",
      "check-texels",
      "id.x / uniforms.width",
      "id.x / (uniforms.width + 1)",
    ],
  ],
  "large buffers": [
    ["zeros from 16 MiB", "check-fill", "i < uniforms.count", "i < 4194304"],
    ["a wrong arrayLength", "check-filled", "arrayLength(&x)", "0"],
  ],
  "loops with bounds": [
    ["a lost continue", "check-loops", "i % 2 == 1", "false"],
    [
      "a trip too many",
      "check-loops",
      "first + i / 2 >= uniforms.rounds",
      "first + i / 2 > uniforms.rounds",
    ],
  ],
  "long dispatches": [["cut short", "check-loops", "first < uniforms.rounds", "first < 50000"]],
};

/** Faults of adapters with subgroups. */
const SUBGROUPS: readonly Fault[] = [
  ["another size", "check-subgroups", "f32(size)", "2 * f32(size)"],
  [
    "the neighbour's number",
    "check-subgroups",
    "subgroupShuffle(number, 1)",
    "subgroupShuffle(number, 0)",
  ],
  [
    "a lost lane",
    "check-subgroups",
    "subgroupBroadcast(number, 3)",
    "subgroupBroadcast(number, 2)",
  ],
  ["another lane of a vector", "check-subgroups", ", number), 2).w", ", number), 2).x"],
  ["an idle lane", "check-subgroups", "subgroupAdd(1.0)", "(subgroupAdd(1.0) - 1)"],
];

/** Embedded texts have no blanks next to most signs (scripts/embed-shaders.js). */
const NEXT_TO_SIGN = /(?<=[-=+*/,<>&|(){};]) | (?=[-=+*/,<>&|(){};])/g;

async function expectFound(part: string, device: Device, faults: readonly Fault[]): Promise<void> {
  for (const [what, shader, before, after] of faults) {
    const faulty = withFault(device, shader, (text) =>
      text.replace(text.includes(before) ? before : before.replace(NEXT_TO_SIGN, ""), after),
    );
    const { passed, detail } = await hazard(part).run(faulty, "normal");
    assert.is(passed, false, `${part}: ${what}: ${detail}`);
    assert.not.match(detail, /compile|changed/, `${part}: ${what}`);
  }
}

test("no case finds a fault that is not there", async () => {
  const device = await testDevice();
  for (const one of HAZARDS.filter(({ matters }) => matters)) {
    const { passed, detail } = await one.run(device, one.scope);
    assert.is.not(passed, false, `${one.name}: ${detail}`);
  }
});

for (const [part, faults] of Object.entries(FAULTS)) {
  test(`the case "${part}" finds ${faults.map(([what]) => what).join(", ")}`, async () => {
    await expectFound(part, await testDevice(), faults);
  });
}

test("the case of subgroups finds wrong sizes and wrong lanes, where there are subgroups", async () => {
  const device = await testDevice();
  const has = device.gpu.features.has("subgroups");
  if (has) await expectFound("sizes of subgroups", device, SUBGROUPS);
  else assert.is((await hazard("sizes of subgroups").run(device, "quick")).passed, undefined);
});

test("the case of arithmetic in 16 bits finds a lost summand, where there is such arithmetic", async () => {
  const device = await testDevice();
  const has = device.gpu.features.has("shader-f16");
  const fault: Fault = ["a lost summand", "check-f16", "+f16(b[i])", ""];
  if (has) await expectFound("arithmetic in 16 bits", device, [fault]);
  else assert.is((await hazard("arithmetic in 16 bits").run(device, "normal")).passed, undefined);
});

test("wrong normalised numbers, which no kernel uses, are told but no fault", async () => {
  const device = withFault(await testDevice(), "check-halves", (text) =>
    text.replace("unpack2x16snorm(words[i]).x", "-unpack2x16snorm(words[i]).x"),
  );
  const { passed, detail } = await hazard("packing and unpacking").run(device, "quick");
  assert.ok(passed);
  assert.match(detail, "normalised ones are wrong, which Micrograph does not use");
});

const unchanged = (device: Device, gpu: GPUDevice) => withFault(device, "", (text) => text, gpu);

test("a cache that hands out the code of another pipeline is found", async () => {
  const device = await testDevice();
  let first: Promise<GPUComputePipeline> | undefined;
  const gpu = instead(device.gpu, {
    createComputePipelineAsync(descriptor) {
      first ??= device.gpu.createComputePipelineAsync(descriptor);
      return first;
    },
  });
  const { passed, detail } = await hazard("pipelines of one").run(unchanged(device, gpu), "normal");
  assert.is(passed, false);
  assert.match(detail, "numbers are wrong");
});

test("a dropped submit is found", async () => {
  const device = await testDevice();
  let count = 0;
  const queue = instead(device.gpu.queue, {
    submit: (commands) => {
      if (++count !== 100) device.gpu.queue.submit(commands);
    },
  });
  const gpu = instead(device.gpu, { queue });
  const { passed, detail } = await hazard("no submit").run(unchanged(device, gpu), "quick");
  assert.is(passed, false);
  assert.match(detail, "64 of 64 numbers are wrong");
});

test("an upload of which a piece is lost is found", async () => {
  const device = await testDevice();
  const queue = instead(device.gpu.queue, {
    writeBuffer(buffer: GPUBuffer, offset: number, data: Float32Array<ArrayBuffer>) {
      device.gpu.queue.writeBuffer(buffer, offset, data, 0, data.length - 4);
    },
  } as Partial<GPUQueue>);
  const gpu = instead(device.gpu, { queue });
  const { passed, detail } = await hazard("large uploads").run(unchanged(device, gpu), "normal");
  assert.is(passed, false);
  assert.match(detail, "4 of 4194304 numbers are wrong");
});

test("a clock of the GPU that is far from the system's is noted", () => {
  assert.ok(clockFinding(49, 50).passed);
  for (const gpuMs of [0, 5, 100]) assert.not.ok(clockFinding(gpuMs, 50).passed);
});

test.run();
