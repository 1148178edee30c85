// Run by device.test.ts in a separate process: opens the GPU, works, closes nothing.

import { compilePlan } from "../../src/gpu/plan.js";
import { input } from "../../src/graph/tensor.js";
import { openDevice } from "../../src/node/open-device.js";
import { scale } from "../../src/ops/index.js";

const device = await openDevice();
const y = scale(input("x", [3]), 2);
const plan = await compilePlan(device, { name: "script", outputs: [y] });
plan.run({ x: [1, 2, 3] });
console.log([...(await plan.read(y))].join(" "));
