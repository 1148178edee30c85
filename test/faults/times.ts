// `npm run limits`: the longest dispatch of a training step of the presets and of large networks on this
// adapter, by timestamps, against the bounds of docs/faults.md. Words choose some of them by name.

import { modelConfig, trainingConfig } from "../../src/index.js";
import { createModel } from "../../src/model/architectures.js";
import { trainingMemory } from "../../src/train/memory-report.js";
import { createTrainer } from "../../src/train/step.js";
import { testDevice } from "../device.js";

const plain = { channels: 1, classes: 2 } as const;
const NETWORKS = {
  "preset small (width 16, tile 348)": { model: modelConfig({ ...plain, base: 16 }), tile: 348 },
  "width 32, tile 284": { model: modelConfig({ ...plain, base: 32 }), tile: 284 },
  "width 64, tile 284": { model: modelConfig({ ...plain, base: 64 }), tile: 284 },
  "width 16, tile 572": { model: modelConfig({ ...plain, base: 16 }), tile: 572 },
  "width 16, padded, group norm, tile 512": {
    model: modelConfig({ ...plain, base: 16, padding: "same", norm: "group" }),
    tile: 512,
  },
  "FCN-8s, base 16, tile 512": {
    model: modelConfig({ ...plain, architecture: "fcn8s", base: 16 }),
    tile: 512,
  },
  "preset paper (width 64, tile 572)": { model: modelConfig({ ...plain, base: 64 }), tile: 572 },
} as const;

const device = await testDevice();
const words = process.argv.slice(2);
const bound = device.capabilities.kind === "cpu" ? 500 : 100;
console.log(`${device.describe().adapter}: at most ${bound} ms\n`);
console.log(
  "| network | dispatches | of them from cuts | longest | its kernel | step |\n|---|---|---|---|---|---|",
);
for (const [name, { model, tile }] of Object.entries(NETWORKS)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  const side = createModel(model).outputSize(tile);
  const options = trainingConfig({ tile, batch: 1, steps: 9 });
  const trainer = await createTrainer(device, model, options);
  const cuts = trainer.plan.dispatchCount - trainingMemory(device, model, options).dispatches;
  const batch = {
    image: new Float32Array(tile * tile).fill(0.5),
    label: new Float32Array(side * side),
    weight: new Float32Array(side * side).fill(1),
  };
  const { work } = trainer.plan;
  // The shortest of three: other work on this machine can only add.
  const best = work.map(() => Infinity);
  for (let i = 0; i < 3; i++) {
    const { dispatches } = await trainer.stepTimed(batch, 1e-6);
    for (const [j, { ms }] of dispatches.entries()) best[j] = Math.min(best[j], ms);
  }
  trainer.close();
  const longest = Math.max(...best);
  const { node, shader } = work[best.indexOf(longest)];
  const step = best.reduce((sum, ms) => sum + ms, 0);
  console.log(
    `| ${name} | ${work.length} | ${cuts} | ${longest.toFixed(0)} ms | ${shader} of ${node} | ${step.toFixed(0)} ms |`,
  );
  if (longest > bound) process.exitCode = 1;
}
device.close();
