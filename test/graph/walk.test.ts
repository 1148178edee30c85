import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Node } from "../../src/graph/op.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { blank, dice, randomGraph } from "./random-graph.js";

/** Everything that `targets` need, by recursion. */
function needed(targets: readonly Tensor[], found = new Set<Node>()): Set<Node> {
  for (const { node } of targets) {
    if (!node || found.has(node)) continue;
    found.add(node);
    needed(node.inputs, found);
  }
  return found;
}

const names = (targets: readonly Tensor[]) => nodesFor(targets).map((node) => node.name);

test("on random graphs every node that is needed runs once, after all its inputs", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const roll = dice(seed + 1000);
    const { tensors } = randomGraph(1 + roll(40), seed);
    const targets = Array.from({ length: 1 + roll(4) }, () => tensors[roll(tensors.length)]);
    const order = nodesFor(targets);
    assert.equal(new Set(order), needed(targets), `graph ${seed}`);
    assert.is(order.length, new Set(order).size, `graph ${seed}: a node runs twice`);
    for (const [at, node] of order.entries()) {
      for (const { node: from } of node.inputs) {
        assert.ok(!from || order.indexOf(from) < at, `graph ${seed}: ${node.name} runs too early`);
      }
    }
  }
});

test("the order is the same each time", () => {
  const { tensors } = randomGraph(30, 5);
  assert.equal(names(tensors), names(tensors));
});

test("a node that no other reads runs right after its last input", () => {
  const x = input("x", [4]);
  const a = blank([x], "a");
  const b = blank([a], "b");
  const c = blank([b], "c");
  const leaf = blank([x, a], "leaf of a");
  const late = blank([a, b], "leaf of b");
  const end = blank([c], "end");
  assert.equal(names([end, leaf, late]), ["a", "leaf of a", "b", "leaf of b", "c", "end"]);
});

test("a node with only sources as inputs keeps its place", () => {
  const x = input("x", [4]);
  assert.equal(names([blank([x], "a"), blank([x], "b")]), ["a", "b"]);
});

test("a source needs no node", () => {
  assert.equal(nodesFor([input("x", [4])]), []);
});

test("a graph of 100,000 nodes in a row does not overflow the stack", () => {
  let x = input("x", [1]);
  for (let i = 0; i < 100_000; i++) x = blank([x]);
  assert.is(nodesFor([x]).length, 100_000);
});

test.run();
