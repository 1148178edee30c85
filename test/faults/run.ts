// Plants faults into the shaders of every family and counts those that an examination finds.
// `npm run doctor:faults`, with patterns of shaders' names to choose some; `-- --all` plants every fault at
// every place instead of one of each kind per shader. Kernels of other adapters run as in the tests of
// ops: on this adapter, as if it were another one.

import { opPlans, planCheck } from "../../src/check/check-op.js";
import { checkUpdate } from "../../src/check/check-update.js";
import { GENERAL_CASES } from "../../src/check/general-cases.js";
import { GENERAL_UPDATE_CASES } from "../../src/check/general-update-cases.js";
import {
  FEW_LANES_CASES,
  FIRST_CASES,
  NETWORK_CASES,
  PADDED_CASES,
} from "../../src/check/network-cases.js";
import type { KernelCase } from "../../src/check/op-case.js";
import { UPDATE_CASES } from "../../src/check/update-cases.js";
import type { Device } from "../../src/gpu/device.js";
import { createPipelines } from "../../src/gpu/pipelines.js";
import * as embedded from "../../src/shaders/embedded.generated.js";
import type { Shader } from "../../src/shaders/shader.js";
import { deviceVariants, testDevice } from "../device.js";
import { shaderFiles } from "../shader-files.js";
import { EQUIVALENT } from "./equivalent.js";
import { type Mutant, mutantsOf } from "./mutations.js";

/** Runs the plans of a case that use a shader; whether one of them is wrong, or why it cannot tell. */
type Trial = (device: Device) => Promise<"found" | "invalid" | "missed">;

interface Place {
  readonly what: string;
  readonly device: Device;
  readonly trial: Trial;
}

function trialOf(one: KernelCase, kernel: string | undefined): Trial {
  return async (device) => {
    let answer: "found" | "missed" = "missed";
    for await (const { rows } of opPlans(one)(device, (other) => other === kernel)) {
      if (rows.some(({ problem }) => problem?.includes("does not compile"))) return "invalid";
      if (rows.some(({ passed }) => !passed)) answer = "found";
    }
    return answer;
  };
}

/** The plans that run each shader, those of small cases first. */
async function placesOf(shaders: Map<string, Shader>): Promise<Map<string, Place[]>> {
  const places = new Map<string, Place[]>();
  const add = (shader: string, place: Place) => {
    places.set(shader, [...(places.get(shader) ?? []), place]);
  };
  const seen = new Set<string>();
  for (const [variant, device] of await deviceVariants()) {
    const target = { ...device, choices: new Map<string, string>() };
    for (const one of [
      ...FIRST_CASES,
      ...NETWORK_CASES,
      ...PADDED_CASES,
      ...FEW_LANES_CASES,
      ...GENERAL_CASES,
    ]) {
      for (const { kernel, steps } of planCheck(one, target)) {
        for (const { dispatch } of steps) shaders.set(dispatch.shader.name, dispatch.shader);
        for (const shader of new Set(steps.map(({ dispatch }) => dispatch.shader.name))) {
          const own = steps.filter(({ dispatch }) => dispatch.shader.name === shader);
          const key = JSON.stringify([
            one.name,
            shader,
            own.map(({ dispatch: { constants, uniforms } }) => [constants, uniforms]),
          ]);
          if (seen.has(key)) continue; // another variant runs the same
          seen.add(key);
          const what = `${one.name}, ${kernel ?? "first choice"}, ${variant}`;
          add(shader, { what, device, trial: trialOf(one, kernel) });
        }
      }
    }
  }
  const device = await testDevice();
  for (const one of [...UPDATE_CASES, ...GENERAL_UPDATE_CASES]) {
    const trial: Trial = async (other) => {
      const { rows } = await checkUpdate(other, one);
      if (rows.some(({ problem }) => problem?.includes("does not compile"))) return "invalid";
      return rows.every(({ passed }) => passed) ? "missed" : "found";
    };
    for (const shader of one.ops) {
      add(shader, { what: one.name, device, trial });
    }
  }
  return places;
}

/** The device with one shader changed. */
function planted({ gpu, pipelines, ...device }: Device, name: string, text: string): Device {
  const wrong = createPipelines(gpu, async (shader: Shader) =>
    shader.name === name ? text : shader.text(),
  );
  const get: typeof pipelines.get = (shader, ...more) =>
    (shader.name === name ? wrong : pipelines).get(shader, ...more);
  return { ...device, gpu, pipelines: { ...pipelines, get } };
}

/** One of each kind, in the middle of its places, or all. */
function chosen(mutants: readonly Mutant[], all: boolean): Mutant[] {
  if (all) return [...mutants];
  const kinds = [...new Set(mutants.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const of = mutants.filter((one) => one.kind === kind);
    return of[Math.floor((of.length - 1) / 2)];
  });
}

const words = process.argv.slice(2).filter((word) => word !== "--all");
const all = process.argv.includes("--all");
const shaders = new Map(Object.values<Shader>({ ...embedded }).map((one) => [one.name, one]));
const places = await placesOf(shaders);
const files = shaderFiles();
const { adapter } = (await testDevice()).describe();
/** Plans that a fault without effect is tried in: it takes all of them to miss one. */
const FEW = 4;
const counts = new Map<string, { planted: number; found: number; equal: number }>();
const missed: string[] = [];
const started = performance.now();

for (const [shader, where] of places) {
  const source = shaders.get(shader);
  if (
    !source ||
    !files.has(shader) ||
    (words.length > 0 && !words.some((word) => new RegExp(word).test(shader)))
  )
    continue;
  for (const mutant of chosen(mutantsOf(await source.text()), all)) {
    const reason = EQUIVALENT.find(
      (one) =>
        one.shader.test(shader) &&
        one.kind === mutant.kind &&
        one.part.test(mutant.change) &&
        (one.adapter?.test(adapter) ?? true),
    );
    let answer = "missed";
    const began = performance.now();
    for (const { device, trial } of reason ? where.slice(0, FEW) : where) {
      answer = await trial(planted(device, shader, mutant.text));
      if (answer !== "missed") break;
    }
    const took = Math.round((performance.now() - began) / 1000);
    if (took > 20) console.log(`  ${took} s: ${mutant.kind} in line ${mutant.line}`);
    if (answer === "invalid") continue;
    const count = counts.get(mutant.kind) ?? { planted: 0, found: 0, equal: 0 };
    counts.set(mutant.kind, count);
    count.planted++;
    if (answer === "found") count.found++;
    else if (reason) count.equal++;
    else missed.push(`${shader}.wgsl:${mutant.line} ${mutant.kind}: ${mutant.change}`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${shader}: ${missed.length} missed so far, ${seconds} s`);
}

console.log("\n| fault | planted | found | without effect |\n|---|---|---|---|");
for (const [kind, { planted, found, equal }] of counts) {
  console.log(`| ${kind} | ${planted} | ${found} | ${equal} |`);
}
for (const line of missed) console.log(`missed: ${line}`);
const unseen = [...files.keys()].filter(
  (name) => !places.has(name) && !/^(?:peak|check-|canvas-)/.test(name),
);
console.log(`Shaders that no case runs: ${unseen.join(", ") || "none"}`);
(await testDevice()).close();
process.exitCode = missed.length > 0 ? 1 : 0;
