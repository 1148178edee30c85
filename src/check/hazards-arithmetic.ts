// Hazards of compilers: numbers.

import { relativeError } from "../graph/tolerances.js";
import { noise } from "../graph/uniform-noise.js";
import * as shaders from "../shaders/check.generated.js";
import type { Hazard, HazardFinding } from "./hazard.js";
import { runShader, type Words } from "./hazard-shader.js";

const LANES = 64;

/** Compares words; the detail names the first that differs. */
export function sameWords(
  found: Uint32Array,
  expected: Words,
  nameOf: (index: number) => string,
): HazardFinding {
  const bits = new Uint32Array(expected.buffer);
  const wrong = bits.findIndex((word, i) => found[i] !== word);
  if (wrong < 0) return { passed: true, detail: `${bits.length} numbers, all right` };
  const count = bits.filter((word, i) => found[i] !== word).length;
  const detail = `${count} of ${bits.length} numbers are wrong; ${nameOf(wrong)} gives 0x${found[wrong].toString(16)}, expected 0x${bits[wrong].toString(16)}`;
  return { passed: false, detail };
}

/** The bits of seeded numbers. */
const randomWords = (count: number, seed: number) =>
  Uint32Array.from(noise(count, seed), (value) => ((value + 1) / 2) * 2 ** 32);

/** Dividends: small as an index, and large; divisors: small, large, and powers of two. */
const DIVIDENDS = [0, 1, 2, 7, 63, 64, 65, 1023, 65535, 65536, 16777217, 2147483646, 4294967294];
const DIVISORS = [1, 2, 3, 5, 6, 7, 9, 16, 31, 32, 36, 100, 641, 4096, 65535, 65537, 2147483647];
/** A dividend that is a constant, as where Apple's compiler was seen to be wrong. */
const LARGE = 4294967294;
/** A divisor that is a uniform. */
const DIVISOR = 3;

const division: Hazard = {
  name: "division and remainder by divisors known at run time",
  matters: true,
  scope: "quick",
  async run(device) {
    const pairs = DIVIDENDS.flatMap((a) => DIVISORS.map((b) => [a, b]));
    const divisors = randomWords(512, 2).map((word, i) => (word >>> (i % 31)) | 1);
    pairs.push(...[...randomWords(512, 1)].map((a, i) => [a, divisors[i]]));
    const [a, b] = [0, 1].map((i) => Uint32Array.from(pairs, (pair) => pair[i]));
    const count = pairs.length;
    const signed = (word: number) => word | 0;
    const expected = Uint32Array.from([
      ...pairs.map(([x, y]) => Math.floor(x / y)),
      ...pairs.map(([x, y]) => x % y),
      ...pairs.map(([x, y]) => Math.trunc(signed(x) / signed(y)) >>> 0),
      ...pairs.map(([x, y]) => (signed(x) % signed(y)) >>> 0),
      ...pairs.map(([, y]) => Math.floor(LARGE / y)),
      ...pairs.map(([, y]) => LARGE % y),
      ...pairs.map(([x]) => Math.floor(x / DIVISOR)),
      ...pairs.map(([x]) => x % DIVISOR),
    ]);
    const nameOf = (at: number) => {
      const [form, i] = [Math.floor(at / count), at % count];
      const dividend = form === 4 || form === 5 ? LARGE : a[i];
      const divisor = form > 5 ? DIVISOR : b[i];
      return `${dividend} ${"/%"[form % 2]} ${divisor}${form === 2 || form === 3 ? " (i32)" : ""}`;
    };
    const findings: HazardFinding[] = [];
    for (const lanes of [LANES, LANES / 2]) {
      const found = await runShader(device, shaders.checkDivision, {
        inputs: [a, b],
        words: 8 * count,
        uniforms: { count, divisor: DIVISOR },
        constants: { LANES: lanes },
        workgroups: Math.ceil(count / lanes),
      });
      findings.push(sameWords(found, expected, nameOf));
    }
    return findings.find(({ passed }) => !passed) ?? findings[0];
  },
};

const signs: Hazard = {
  name: "unary minus and abs",
  matters: true,
  scope: "quick",
  async run(device) {
    const count = 1024;
    const [a, b] = [3, 4].map((seed) => noise(count, seed));
    const of = (f: (x: number, y: number) => number) => Array.from(a, (x, i) => f(x, b[i]));
    const expected = Float32Array.from([
      ...of((x) => -x),
      ...of((x) => Math.abs(x)),
      ...of((x, y) => x + y),
      ...of((x, y) => Math.max(-x, y)),
      ...of((x) => -Math.abs(x)),
      ...of((x, y) => y - x),
      ...of((x, y) => -Math.min(x, -y)),
      ...of((x, y) => Math.abs(x - y)),
    ]);
    const found = await runShader(device, shaders.checkSigns, {
      inputs: [a, b],
      words: 8 * count,
      uniforms: { count },
      workgroups: count / LANES,
    });
    return sameWords(found, expected, (i) => `form ${Math.floor(i / count)} of ${a[i % count]}`);
  },
};

const EXPONENT = 0x7f800000;

const finite: Hazard = {
  name: "infinities and NaN are told by their bits",
  matters: true,
  scope: "quick",
  async run(device) {
    const bits = [0x7f800000, 0xff800000, 0x7fc00000, 0x7f7fffff, 0x3f800000, 0, 0xff7fffff, 1];
    const pairs = bits.flatMap((a) => bits.map((b) => [a, b]));
    const [a, b] = [0, 1].map((i) => Uint32Array.from(pairs, (pair) => pair[i]));
    const count = pairs.length;
    const found = await runShader(device, shaders.checkFinite, {
      inputs: [a, b],
      words: 2 * count,
      uniforms: { count },
      workgroups: Math.ceil(count / LANES),
    });
    const floats = [a, b].map((words) => new Float32Array(words.buffer));
    const told = Array.from(a, (_, i) => Number.isFinite(Math.fround(floats[0][i] * floats[1][i])));
    const wrong = told.findIndex(
      (yes, i) => yes === ((found[i] & EXPONENT) === EXPONENT) || found[count + i] !== Number(yes),
    );
    if (wrong < 0) return { passed: true, detail: `${count} products, all told` };
    const detail = `${floats[0][wrong]} * ${floats[1][wrong]} gives the bits 0x${found[wrong].toString(16)}, which are told to be ${found[count + wrong] ? "finite" : "not finite"}`;
    return { passed: false, detail };
  },
};

const tables: Hazard = {
  name: "tables of constants, indexed at run time",
  matters: true,
  scope: "quick",
  async run(device) {
    const count = 256;
    const table = [-2, 42, -7, -2, 993, 0, 14, -99];
    const expected = Int32Array.from({ length: count }, (_, i) => {
      const second = [10, 20, 30, 40, 50, 60, 70, 80];
      second[(i >> 3) % 8] -= 7;
      return table[i % 8] + second[(i * 3) % 8];
    });
    const found = await runShader(device, shaders.checkTables, {
      words: count,
      uniforms: { count, seven: 7 },
      workgroups: count / LANES,
    });
    return sameWords(found, expected, (i) => `entry ${i}`);
  },
};

/** The value of the bits of a half. */
function halfValue(half: number): number {
  const [exponent, mantissa] = [(half >> 10) & 31, half & 1023];
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : mantissa * 2 ** -24);
}

const halves: Hazard = {
  name: "packing and unpacking of 16-bit floats",
  matters: true,
  scope: "quick",
  async run(device) {
    const count = 2 ** 15;
    const words = Uint32Array.from({ length: count }, (_, i) => (2 * i) | ((2 * i + 1) << 16));
    const found = await runShader(device, shaders.checkHalves, {
      inputs: [words],
      words: 5 * count,
      uniforms: { count },
      workgroups: count / LANES,
    });
    const floats = new Float32Array(found.buffer);
    let [flushed, infinite, normalised] = [0, 0, 0];
    for (let half = 0; half < 2 * count; half++) {
      const [i, high] = [half >> 1, half & 1];
      const value = halfValue(half);
      const unpacked = floats[high * count + i];
      const packed = (found[2 * count + i] >>> (16 * high)) & 0xffff;
      const snorm = Math.max(-1, (((2 * i) << 16) >> 16) / 32767);
      if (Math.abs(floats[3 * count + i] - snorm) > 1e-4) normalised++;
      if (Math.abs(floats[4 * count + i] - (2 * i) / 65535) > 1e-4) normalised++;
      if (Number.isNaN(value)) continue;
      // WGSL leaves open what an infinity packs to; it must not become a number.
      if (!Number.isFinite(value) && packed !== half && (packed & 0x7c00) === 0x7c00) {
        if (unpacked === value && ++infinite) continue;
      }
      // A driver may treat subnormal halves as 0.
      const isTiny = Math.abs(value) < 2 ** -14 && value !== 0;
      if (isTiny && unpacked === 0) flushed++;
      const isRight = unpacked === value && (packed === half || (isTiny && packed << 17 === 0));
      if (isRight || (isTiny && unpacked === 0)) continue;
      const bits = `0x${half.toString(16)}`;
      const detail = `the half ${bits} is ${value}, but unpacks to ${unpacked} and packs to 0x${packed.toString(16)}`;
      return { passed: false, detail };
    }
    const more = [
      ...(flushed > 0 ? [`${flushed} subnormal ones are read as 0`] : []),
      ...(infinite > 0 ? ["infinities pack to NaN"] : []),
      ...(normalised > 0 ? ["normalised ones are wrong, which Micrograph does not use"] : []),
    ];
    return { passed: true, detail: ["all 65536 halves", ...more].join("; ") };
  },
};

const f16: Hazard = {
  name: "arithmetic in 16 bits",
  matters: false,
  scope: "normal",
  async run(device) {
    if (!device.gpu.features.has("shader-f16")) {
      return { passed: undefined, detail: "the adapter has no shader-f16" };
    }
    const count = 512;
    const [a, b] = [5, 6].map((seed) => noise(count, seed));
    const found = await runShader(device, shaders.checkF16, {
      inputs: [a, b],
      words: count,
      uniforms: { count },
      workgroups: count / LANES,
    });
    const values = new Float32Array(found.buffer);
    const error = relativeError(
      values,
      Array.from(a, (x, i) => x * b[i] + b[i]),
    );
    return { passed: error < 2e-3, detail: `relative error ${error.toExponential(1)}` };
  },
};

const sums: Hazard = {
  name: "compensated sums are kept",
  matters: false,
  scope: "normal",
  async run(device) {
    const [rows, length] = [64, 1000];
    const x = noise(rows * length, 7).map((value) => value + 1);
    const found = await runShader(device, shaders.checkSums, {
      inputs: [x],
      words: 2 * rows,
      uniforms: { rows, length },
      workgroups: 1,
    });
    const expected = Array.from({ length: rows }, (_, row) =>
      x.slice(row * length, (row + 1) * length).reduce((sum, value) => sum + value, 0),
    );
    const values = new Float32Array(found.buffer);
    const [plain, compensated] = [0, 1].map((i) =>
      relativeError(values.subarray(i * rows, (i + 1) * rows), expected),
    );
    const detail = `relative error ${compensated.toExponential(1)}, plain ${plain.toExponential(1)}`;
    return { passed: compensated < 1e-7 && compensated < plain, detail };
  },
};

/** The first ones are those of the quick examination. */
export const arithmeticHazards: readonly Hazard[] = [
  division,
  signs,
  finite,
  tables,
  halves,
  f16,
  sums,
];
