// Hazards of memory: of workgroups, subgroups, buffers and textures.

import { compilePlan } from "../gpu/plan.js";
import { textureSize, toLayout } from "../graph/layout.js";
import { apply } from "../graph/op.js";
import { elementCount, input } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import * as shaders from "../shaders/check.generated.js";
import type { Hazard } from "./hazard.js";
import { opOf, readWords, runShader, writeWords } from "./hazard-shader.js";
import { sameWords } from "./hazards-arithmetic.js";

const LANES = 64;

const workgroup: Hazard = {
  name: "workgroup memory between barriers",
  matters: true,
  scope: "quick",
  async run(device) {
    const [rounds, shift] = [24, 37];
    // Whole numbers: their sums are exact.
    const x = noise(4 * LANES, 8).map((value) => Math.round(value * 1000));
    const expected = Float32Array.from({ length: LANES }, (_, lane) => {
      let sum = 0;
      for (let round = 0; round < rounds; round++) {
        const value = x[((lane + shift + round) % LANES) * 4 + ((lane + round) % 4)];
        sum += value * (round + 1) + value - round;
      }
      return sum;
    });
    const found = await runShader(device, shaders.checkWorkgroup, {
      inputs: [x],
      words: LANES,
      uniforms: { rounds, shift },
      workgroups: 1,
    });
    return sameWords(found, expected, (lane) => `invocation ${lane}`);
  },
};

const zeroed: Hazard = {
  name: "workgroup memory begins as 0",
  matters: false,
  scope: "quick",
  async run(device) {
    const run = (dirty: number) =>
      runShader(device, shaders.checkZeroed, {
        words: 16 * LANES,
        uniforms: { dirty },
        workgroups: 16,
      });
    await run(1);
    const left = (await run(0)).filter((bits) => bits !== 0).length;
    const detail = `${left} of ${16 * LANES} invocations find something else`;
    return { passed: left === 0, detail };
  },
};

/** Places of a subgroup whose numbers the lanes are handed. */
const PLACES = [1, 2, 3];
const SUBGROUP_ROWS = 4 + PLACES.length;

/** What invocation `lane` wrote, by the rows of check-subgroups. */
function laneOf(found: Float32Array, lane: number) {
  const rows = Array.from({ length: SUBGROUP_ROWS }, (_, row) => found[row * LANES + lane]);
  const [size, counted, place, first, ...handed] = rows;
  return { lane, size, counted, place, first, handed };
}

const subgroups: Hazard = {
  name: "sizes of subgroups, and what their lanes hand each other",
  matters: true,
  scope: "quick",
  async run(device) {
    const { gpu, capabilities } = device;
    if (!gpu.features.has("subgroups")) {
      return { passed: undefined, detail: "the adapter has no subgroups" };
    }
    const numbers = Float32Array.from({ length: LANES }, (_, i) => i);
    const inputs = [numbers];
    const words = await runShader(device, shaders.checkSubgroups, {
      ...{ inputs, words: SUBGROUP_ROWS * LANES, workgroups: 1 },
    });
    const values = new Float32Array(words.buffer);
    const lanes = Array.from({ length: LANES }, (_, lane) => laneOf(values, lane));
    const sizes = [...new Set(lanes.map(({ size }) => size))];
    const { subgroupMinSize = 0, subgroupMaxSize = 0 } = gpu.adapterInfo;
    const size = `sizes ${sizes.join(", ")}, the adapter says ${subgroupMinSize} to ${subgroupMaxSize}`;
    const isSize = sizes.every((one) => one >= subgroupMinSize && one <= subgroupMaxSize);
    const isEqual = !capabilities.subgroups || sizes.length === 1;
    if (!isSize || !isEqual) return { passed: false, detail: size };
    const wrong = lanes.find(({ place, first, handed, counted, size }) => {
      const at = (other: number) =>
        lanes.find((one) => one.first === first && one.place === other)?.lane;
      // A lane that is not there hands on nothing.
      const isHanded = handed.every((got, i) => (at(PLACES[i]) ?? got) === got);
      return !isHanded || counted !== Math.min(size, LANES) || place >= size;
    });
    if (!wrong) return { passed: true, detail: size };
    const { lane, place, counted, handed } = wrong;
    const detail = `invocation ${lane}, at place ${place} of ${counted} lanes, got ${handed.join(", ")} from places ${PLACES.join(", ")}`;
    return { passed: false, detail };
  },
};

const matrices: Hazard = {
  name: "subgroup matrices",
  matters: false,
  scope: "full",
  run: async () => ({ passed: undefined, detail: "Micrograph does not use them" }),
};

const SHAPES = [
  [1, 3, 5, 37],
  [2, 17, 9, 70],
  [1, 1, 1, 3],
];

const texels: Hazard = {
  name: "copies from buffers to textures",
  matters: true,
  scope: "quick",
  async run(device) {
    if (device.capabilities.textureSide === 0) {
      return { passed: undefined, detail: "no kernel reads textures here" };
    }
    // All at once: a driver may let textures of one piece of memory overlap.
    const images = SHAPES.map((shape, i) => {
      const x = input(`image ${i}`, shape);
      const { width, height } = textureSize(x);
      const uniforms = { width, height };
      const workgroups: [number, number, number] = [Math.ceil((width * height) / LANES), 1, 1];
      const words = width * height * 4;
      const [y] = apply(opOf(shaders.checkTexels, words, { uniforms, workgroups }), [x], undefined);
      return { shape, x, y, memory: toLayout(x, noise(elementCount(shape), 9 + i)) };
    });
    const outputs = images.map(({ y }) => y);
    const plan = await compilePlan(device, { name: "check-texels", outputs });
    try {
      for (const { x, memory } of images) writeWords(device, plan, x, memory);
      plan.run();
      for (const { shape, y, memory } of images) {
        const found = await readWords(device, plan, y, memory.length);
        const result = sameWords(found, memory, (i) => `float ${i} of an image of ${shape}`);
        if (!result.passed) return result;
      }
    } finally {
      plan.close();
    }
    const count = images.reduce((sum, { memory }) => sum + memory.length, 0);
    return { passed: true, detail: `${count} floats, all right` };
  },
};

const MIB = 2 ** 20;
/** Invocations that fill a large buffer. */
const FILLERS = 2 ** 14;

const large: Hazard = {
  name: "large buffers keep what is written",
  matters: true,
  scope: "normal",
  async run(device, scope) {
    const { maxStorageBufferBindingSize, maxBufferSize } = device.gpu.limits;
    const usual = device.capabilities.kind === "cpu" ? 64 * MIB : 256 * MIB;
    const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    // Sizes of 4 GiB and more cannot be counted in 32 bits.
    const bytes = Math.min(most, scope === "full" ? 2 ** 32 - 256 : usual);
    const words = Math.floor(bytes / 256) * 64;
    const uniforms = { count: words, stride: FILLERS };
    const workgroups: [number, number, number] = [FILLERS / LANES, 1, 1];
    const call = { uniforms, workgroups };
    const [x] = apply(opOf(shaders.checkFill, words, call), [], undefined);
    const [y] = apply(opOf(shaders.checkFilled, FILLERS + 1, call), [x], undefined);
    const size = `${Math.round(bytes / MIB)} MiB`;
    const plan = await compilePlan(device, { name: "check-fill", outputs: [y] }).catch(
      (error: Error) => {
        device.checkOpen();
        return error;
      },
    );
    if (plan instanceof Error) {
      const detail = `a buffer of ${size} cannot be made: ${plan.message}`;
      return { passed: scope === "full" ? undefined : false, detail };
    }
    try {
      plan.run();
      const found = await readWords(device, plan, y, FILLERS + 1);
      const wrong = found.slice(0, FILLERS).reduce((sum, count) => sum + count, 0);
      const length = found[FILLERS];
      // A buffer of a plan may be longer than its tensor.
      const passed = wrong === 0 && length >= words;
      const detail = `${size}: ${wrong} of ${words} words are wrong, arrayLength says ${length}`;
      return { passed, detail };
    } finally {
      plan.close();
    }
  },
};

/** The first ones are those of the quick examination. */
export const memoryHazards: readonly Hazard[] = [
  workgroup,
  zeroed,
  subgroups,
  texels,
  large,
  matrices,
];
