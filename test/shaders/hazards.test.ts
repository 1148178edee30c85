// What no kernel may use, because drivers get it wrong (docs/doctor.md, "Twenty hazards").

import { test } from "uvu";
import * as assert from "uvu/assert";
import { opPlans, planCheck } from "../../src/check/check-op.js";
import { GENERAL_CASES } from "../../src/check/general-cases.js";
import { HAZARDS } from "../../src/check/hazards.js";
import { FIRST_CASES, NETWORK_CASES } from "../../src/check/network-cases.js";
import { withFault } from "../check/faulty-device.js";
import { deviceVariants, testDevice } from "../device.js";
import { shaderFiles } from "../shader-files.js";

/** The code of the kernels, without comments: not the shaders of the doctor's own cases. */
const kernels = [...shaderFiles()]
  .filter(([name]) => !name.startsWith("check-"))
  .map(([name, text]) => [name, text.replaceAll(/\/\/.*/g, "")] as const);

const using = (pattern: RegExp, of = kernels) =>
  of.filter(([, code]) => pattern.test(code)).map(([name]) => name);

test("no kernel asks for the length of an array, which NVIDIA gives as 0 from 2 GiB", () => {
  assert.equal(using(/\barrayLength\b/), []);
});

test("no kernel packs normalised numbers, which Apple's GPUs get wrong", () => {
  assert.equal(using(/(?:un)?pack\dx\d+[su]norm|(?:un)?pack4x/), []);
});

test("kernels hand floats of 32 bits from lane to lane, by shuffles and broadcasts only", () => {
  const functions = kernels.flatMap(([, code]) => code.match(/\bsubgroup\w*(?=\()/g) ?? []);
  assert.equal([...new Set(functions)].sort(), ["subgroupBroadcast", "subgroupShuffle"]);
  assert.equal(using(/subgroup_matrix/), []);
  const shuffling = kernels.filter(([, code]) => /\bsubgroup\w*\(/.test(code));
  assert.equal(using(/\bf16\b/, shuffling), []);
});

test("no kernel compares a number with itself to find NaN: a compiler may assume that there is none", () => {
  assert.equal(using(/([\w.]+(?:\[[^\]]*\])?) *[!=]= *\1(?![\w.[(])/), []);
});

test("no kernel computes in 16 bits except those whose factors have 16 bits", () => {
  const enabled = using(/enable f16/);
  assert.equal(enabled, []); // specialise.ts enables it where the constant F16 is set
  assert.equal(using(/\bvec[234]h\b|\bf16\(/), []);
});

/** Fills the workgroup memory of a shader, whatever it holds at first, before its first statement. */
function dirtied(text: string): string {
  const memory = [...text.matchAll(/var<workgroup>\s*(\w+):\s*array<(\w+),\s*([^;]+)>;/g)];
  const fills = memory.map(([, name, type, length], i) => {
    const count = `dirt${i}`;
    return `for (var ${count} = 0u; ${count} < u32(${length}); ${count}++) { ${name}[${count}] = ${type}(7777.0); }`;
  });
  const head = /fn main\([\s\S]*?\)\s*\{/.exec(text) as RegExpExecArray;
  const at = head.index + head[0].length;
  return `${text.slice(0, at)}${fills.join("")}workgroupBarrier();${text.slice(at)}`;
}

test("every kernel writes workgroup memory before it reads it: on some GPUs it does not begin as 0", async () => {
  const waiting = new Set(using(/var<workgroup>/).filter((name) => !name.startsWith("canvas-")));
  assert.ok(waiting.size > 5);
  // That case finds memory that does not begin as 0, so this fills it.
  const filled = withFault(await testDevice(), "check-zeroed", dirtied);
  const zeroed = HAZARDS.find(({ name }) => name.startsWith("workgroup memory begins"));
  assert.is((await zeroed?.run(filled, "quick"))?.passed, false);
  for (const [variant, device] of await deviceVariants()) {
    for (const one of [...FIRST_CASES, ...NETWORK_CASES, ...GENERAL_CASES]) {
      if (waiting.size === 0) return;
      for (const { kernel, steps } of planCheck(one, { ...device, choices: new Map() })) {
        const shader = steps
          .map(({ dispatch }) => dispatch.shader.name)
          .find((name) => waiting.has(name));
        if (shader === undefined) continue;
        waiting.delete(shader);
        const dirty = withFault(device, shader, dirtied);
        for await (const { rows } of opPlans(one)(dirty, (other) => other === kernel)) {
          for (const { problem } of rows) assert.is(problem, undefined, `${shader}, ${variant}`);
        }
      }
    }
  }
  assert.equal([...waiting], []);
});

test.run();
