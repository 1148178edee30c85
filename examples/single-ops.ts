// Without models: a graph from typed arrays, whose outputs and gradients are read back as typed
// arrays.

import { compilePlan, conv2d, gradients, input, maxPool2d, openDevice } from "../src/node.js";

const x = input("x", [1, 2, 6, 6]); // an image: [N, C, H, W]
const weight = input("weight", [3, 2, 3, 3], "dense");
const y = maxPool2d(conv2d(x, weight, undefined, { padding: "same", activation: "relu" }));
const seed = input("seed", y.shape); // the gradients are those of sum(seed * y)
const [dx, dweight] = gradients(y, [x, weight], seed);
if (!dx || !dweight) throw new Error("y depends on both");

const device = await openDevice();
const plan = await compilePlan(device, { name: "example", outputs: [y, dx, dweight] });
plan.run({
  x: Float32Array.from({ length: 72 }, (_, i) => Math.sin(i)),
  weight: Float32Array.from({ length: 54 }, (_, i) => Math.cos(i)),
  seed: new Float32Array(27).fill(1),
});
console.log("y", y.shape, await plan.read(y));
console.log("dx", dx.shape, await plan.read(dx));
console.log("dweight", dweight.shape, await plan.read(dweight));
plan.close();
device.close();
