// Random graphs of ops that compute nothing, for tests of orders and plans.

import { apply, type Op } from "../../src/graph/op.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { noise } from "../numbers.js";

/** Takes tensors of the same shape and layout; its output is like them. */
const blankOp: Op<undefined> = {
  name: "blank",
  outputs: ([x]) => [{ shape: x.shape, layout: x.layout }],
  kernels: [{ name: "blank", dispatches: () => [] }],
};

export const blank = (inputs: readonly Tensor[], name?: string): Tensor =>
  apply(blankOp, inputs, undefined, name)[0];

/** Whole numbers below a bound, the same for the same seed. */
export function dice(seed: number): (below: number) => number {
  const numbers = noise(4096, seed * 7919 + 1);
  let next = 0;
  return (below) => Math.floor(((numbers[next++ % numbers.length] + 1) / 2) * below);
}

/** Returns a graph of `count` nodes, each with one to three inputs among the previous ones. */
export function randomGraph(count: number, seed: number): { sources: Tensor[]; tensors: Tensor[] } {
  const roll = dice(seed);
  const sources = Array.from({ length: 1 + roll(3) }, (_, i) => input(`x${i}`, [1 + roll(500)]));
  const tensors: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const all = [...sources, ...tensors];
    // Mostly nearby tensors, as in a network, sometimes any.
    const pick = () => all[roll(4) ? Math.max(0, all.length - 1 - roll(4)) : roll(all.length)];
    tensors.push(blank(Array.from({ length: 1 + roll(3) }, pick), `n${i}`));
  }
  return { sources, tensors };
}
