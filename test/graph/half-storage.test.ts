import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Binding, type HalfCasts, keepWaitingInHalves } from "../../src/graph/half-storage.js";
import type { Node } from "../../src/graph/op.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { blank, dice } from "./random-graph.js";

const storage: HalfCasts = {
  narrow: (x, name) => blank([x], name),
  widen: (x, name) => blank([x], name),
};
/** Kernels that read their inputs one by one, as they are. */
const plainly = ({ inputs, mask }: Node): readonly Binding[] =>
  [...inputs, ...(mask ? [mask] : [])].map((tensor) => ({ tensors: [tensor], isPackable: false }));
const pack = (nodes: readonly Node[], kept: ReadonlySet<Tensor>, bindingsOf = plainly) =>
  keepWaitingInHalves(storage)(nodes, kept, bindingsOf);
const x = input("x", [1, 1, 2, 2]);
const NONE: ReadonlySet<Tensor> = new Set();

/** Nodes in a chain, each of which reads the previous one and further given tensors. */
function row(count: number, more: Readonly<Record<number, readonly number[]>> = {}): Node[] {
  const tensors: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const others = (more[i] ?? []).map((at) => tensors[at]);
    tensors.push(blank([tensors[i - 1] ?? x, ...others], `n${i}`));
  }
  return tensors.map(({ node }) => node as Node);
}

const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name);

test("a tensor that waits is narrowed after its maker and widened before the later readers", () => {
  const nodes = row(12, { 2: [0], 9: [0], 11: [0] });
  const packed = pack(nodes, NONE);
  const before = ["n0", "n0 narrowed", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"];
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
  const packed = names(pack(row(16, { 7: [0], 15: [0] }), NONE));
  assert.equal(
    packed.filter((name) => name.startsWith("n0")),
    ["n0", "n0 narrowed", "n0 widened", "n0 widened"],
  );
  assert.is(packed[packed.indexOf("n7") - 1], "n0 widened");
  assert.is(packed[packed.indexOf("n15") - 1], "n0 widened");
});

test("what the caller keeps, what is dense and what is read at once is not packed", () => {
  const nodes = row(12, { 9: [0] });
  assert.equal(pack(nodes, new Set(nodes[0].outputs)), nodes);
  const first = blank([input("dense", [4])], "first");
  let last = first;
  for (let i = 0; i < 9; i++) last = blank([last], `m${i}`);
  const dense = nodesFor([blank([last, first], "end")]);
  assert.equal(pack(dense, NONE), dense);
  assert.equal(names(pack(row(12, { 3: [0], 6: [3] }), NONE)), names(row(12)));
});

test("a mask is unpacked like an input", () => {
  const nodes = row(12);
  const mask = nodes[0].outputs[0];
  nodes[10] = { ...nodes[10], mask };
  const packed = pack(nodes, NONE);
  const reader = packed.find(({ name }) => name === "n10");
  assert.is(reader?.mask?.name, "n0 widened");
});

test("a kernel that reads a tensor packed gets it so, if all that it reads as one is packed", () => {
  const nodes = row(14, { 8: [0], 9: [0], 12: [2, 0] });
  const [n0, n2] = [nodes[0].outputs[0], nodes[2].outputs[0]];
  const bindingsOf = (together: readonly Tensor[]) => (node: Node) => {
    const others = plainly(node).filter(({ tensors: [tensor] }) => !together.includes(tensor));
    if (node.name !== "n8" && node.name !== "n12") return plainly(node);
    return [{ tensors: together, isPackable: true }, ...others];
  };
  const read = (packed: readonly Node[], name: string) =>
    packed.find((node) => node.name === name)?.inputs.map((tensor) => tensor.name);
  const both = pack(nodes, NONE, bindingsOf([n0, n2]));
  assert.equal(read(both, "n8"), ["n7", "n0 widened"], "n2 is not among what n8 reads packed");
  assert.equal(read(both, "n12"), ["n11", "n2 narrowed", "n0 narrowed"]);
  const one = pack(nodes, NONE, bindingsOf([n0]));
  assert.equal(read(one, "n8"), ["n7", "n0 narrowed"]);
  assert.equal(read(one, "n9"), ["n8", "n0 widened"]);
  assert.is(one.filter(({ name }) => name === "n0 widened").length, 1, "only for n9");
});

test("what is read packed by all of its readers is packed at once", () => {
  const nodes = row(3);
  const all = ({ inputs }: Node) => [{ tensors: inputs, isPackable: true }];
  assert.equal(names(pack(nodes, NONE, all)), ["n0", "n0 narrowed", "n1", "n1 narrowed", "n2"]);
});

test("what stays as it is keeps what is read together with it from being read packed", () => {
  // n3 reads n1 and n2 as one; n4 reads n1 in 32 bits, so n1 stays, and n2 with it.
  const nodes = row(5, { 3: [1], 4: [1] });
  const [n1, n2] = [nodes[1].outputs[0], nodes[2].outputs[0]];
  const bindingsOf = (node: Node) =>
    node.name === "n3" ? [{ tensors: [n2, n1], isPackable: true }] : plainly(node);
  assert.equal(names(pack(nodes, NONE, bindingsOf)), names(nodes));
});

/** Describes how a tensor is computed, without conversions. */
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
    const packed = pack(nodes, NONE);
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
