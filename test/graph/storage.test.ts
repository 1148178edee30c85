import { test } from "uvu";
import * as assert from "uvu/assert";
import { packWaiting, type Storage } from "../../src/graph/storage.js";
import { input, type Node, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { blank, dice } from "./random-graph.js";

const storage: Storage = {
  narrow: (x, name) => blank([x], name),
  widen: (x, name) => blank([x], name),
};
const x = input("x", [1, 1, 2, 2]);
const NONE: ReadonlySet<Tensor> = new Set();

/** Nodes in a row, each of which reads the one before, and what else it is given. */
function row(count: number, more: Readonly<Record<number, readonly number[]>> = {}): Node[] {
  const tensors: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const others = (more[i] ?? []).map((at) => tensors[at]);
    tensors.push(blank([tensors[i - 1] ?? x, ...others], `n${i}`));
  }
  return tensors.map(({ node }) => node as Node);
}

const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name);

test("a tensor that waits is packed behind its first readers and unpacked in front of the later ones", () => {
  const nodes = row(12, { 2: [0], 9: [0], 11: [0] });
  const packed = packWaiting(nodes, NONE, storage);
  const before = ["n0", "n1", "n2", "n0 narrowed", "n3", "n4", "n5", "n6", "n7", "n8"];
  assert.equal(names(packed), [...before, "n0 widened", "n9", "n10", "n11"]);
  const at = (name: string) => packed.find((node) => node.name === name) as Node;
  assert.is(at("n2").inputs[1], nodes[0].outputs[0], "a near reader reads it as it is");
  assert.is(at("n0 narrowed").inputs[0], nodes[0].outputs[0]);
  assert.is(at("n0 widened").inputs[0], at("n0 narrowed").outputs[0]);
  assert.is(at("n9").inputs[1], at("n0 widened").outputs[0]);
  assert.is(at("n11").inputs[1], at("n0 widened").outputs[0]);
  assert.is(at("n10"), nodes[10], "what reads nothing packed stays what it was");
});

test("readers far from each other unpack a tensor each for themselves", () => {
  const packed = names(packWaiting(row(16, { 7: [0], 15: [0] }), NONE, storage));
  assert.equal(
    packed.filter((name) => name.startsWith("n0")),
    ["n0", "n0 narrowed", "n0 widened", "n0 widened"],
  );
  assert.is(packed[packed.indexOf("n7") - 1], "n0 widened");
  assert.is(packed[packed.indexOf("n15") - 1], "n0 widened");
});

test("what the caller keeps, what is dense and what is read at once is not packed", () => {
  const nodes = row(12, { 9: [0] });
  assert.equal(packWaiting(nodes, new Set(nodes[0].outputs), storage), nodes);
  const first = blank([input("dense", [4])], "first");
  let last = first;
  for (let i = 0; i < 9; i++) last = blank([last], `m${i}`);
  const dense = nodesFor([blank([last, first], "end")]);
  assert.equal(packWaiting(dense, NONE, storage), dense);
  assert.equal(names(packWaiting(row(12, { 3: [0], 6: [3] }), NONE, storage)), names(row(12)));
});

test("a mask is unpacked like an input", () => {
  const nodes = row(12);
  const mask = nodes[0].outputs[0];
  nodes[10] = { ...nodes[10], mask };
  const packed = packWaiting(nodes, NONE, storage);
  const reader = packed.find(({ name }) => name === "n10");
  assert.is(reader?.mask?.name, "n0 widened");
});

/** What a tensor is made of, packing left out. */
function meaning({ name, node }: Tensor): string {
  if (!node) return name;
  const inputs = node.inputs.map(meaning).join();
  return / (narrowed|widened)$/.test(name) ? inputs : `${name}(${inputs})`;
}

test("on random rows every node reads what it read, after it was made", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const roll = dice(seed);
    const count = 14;
    const more = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [i, i > 1 && roll(3) === 0 ? [roll(i)] : []]),
    );
    const nodes = row(count, more);
    const packed = packWaiting(nodes, NONE, storage);
    const made = new Set<Tensor>([x]);
    for (const node of packed) {
      for (const tensor of node.inputs) assert.ok(made.has(tensor), `${seed}: ${tensor.name}`);
      for (const tensor of node.outputs) made.add(tensor);
    }
    const plain = packed.filter(({ name }) => !name.includes(" "));
    assert.equal(
      plain.map((node) => node.inputs.map(meaning)),
      nodes.map((node) => node.inputs.map(meaning)),
    );
  }
});

test.run();
