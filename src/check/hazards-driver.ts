// Hazards of drivers around the shaders: caches of pipelines, submits, uploads.

import { createPipelines } from "../gpu/pipelines.js";
import { compilePlan } from "../gpu/plan.js";
import { createState } from "../gpu/state.js";
import { apply } from "../graph/op.js";
import * as shaders from "../shaders/check.generated.js";
import type { Hazard, HazardFinding } from "./hazard.js";
import { opOf, readWords, runShader } from "./hazard-shader.js";
import { sameWords } from "./hazards-arithmetic.js";

const LANES = 64;
const FACTORS = [1, 2, 3, 5];

const caches: Hazard = {
  name: "pipelines of one shader are kept apart, also when they are compiled again",
  matters: true,
  scope: "normal",
  async run(device) {
    // Compiled again, a pipeline comes from the driver's cache.
    const again = { ...device, pipelines: createPipelines(device.gpu) };
    for (const on of [device, again]) {
      const findings = await Promise.all(
        FACTORS.map(async (factor): Promise<HazardFinding> => {
          const found = await runShader(on, shaders.checkConstants, {
            words: LANES,
            constants: { FACTOR: factor, SUMMAND: 7 },
            workgroups: 1,
          });
          const expected = Uint32Array.from({ length: LANES }, (_, i) => i * factor + 7);
          return sameWords(found, expected, (i) => `${i} * ${factor} + 7`);
        }),
      );
      const wrong = findings.find(({ passed }) => !passed);
      if (wrong) return wrong;
    }
    return { passed: true, detail: `${FACTORS.length} pipelines, compiled twice` };
  },
};

const SUBMITS = 200;

const submits: Hazard = {
  name: "no submit is dropped",
  matters: true,
  scope: "quick",
  async run(device) {
    const op = opOf(shaders.checkCount, LANES, { workgroups: [1, 1, 1] });
    const [y] = apply(op, [], undefined);
    const plan = await compilePlan(device, { name: "check-count", outputs: [y] });
    try {
      plan.run();
      const before = await readWords(device, plan, y, LANES);
      for (let i = 0; i < SUBMITS; i++) plan.run();
      const found = await readWords(device, plan, y, LANES);
      const expected = before.map((count, i) => count + SUBMITS * (i + 1));
      const { passed, detail } = sameWords(found, expected, (i) => `the count ${i}`);
      return { passed, detail: passed ? `${SUBMITS} submits in a row` : detail };
    } finally {
      plan.close();
    }
  },
};

const MIB = 2 ** 20;

/** Words made of their places, as check-fill writes them. */
const numbered = (words: number) =>
  Uint32Array.from({ length: words }, (_, i) => Math.imul(i, 2654435761) + 1);

const uploads: Hazard = {
  name: "large uploads and copies arrive whole",
  matters: true,
  scope: "normal",
  async run(device, scope) {
    const { maxStorageBufferBindingSize: most } = device.gpu.limits;
    const bytes = Math.min(most, (scope === "full" ? 256 : 16) * MIB);
    const words = numbered(Math.floor(bytes / 16) * 4);
    const state = createState(device, "upload of the doctor", words.length);
    try {
      state.write(new Float32Array(words.buffer));
      const read = await state.read(); // through a copy
      const found = new Uint32Array(read.buffer, read.byteOffset, read.length);
      const { passed, detail } = sameWords(found, words, (i) => `word ${i}`);
      return { passed, detail: passed ? `${Math.round(bytes / MIB)} MiB` : detail };
    } finally {
      state.close();
    }
  },
};

export const driverHazards: readonly Hazard[] = [submits, caches, uploads];
