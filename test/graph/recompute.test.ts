import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Node } from "../../src/graph/op.js";
import { everySecond, recompute } from "../../src/graph/recompute.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { blank, randomGraph } from "./random-graph.js";

const names = (targets: readonly Tensor[]) => nodesFor(targets).map(({ name }) => name);

/** A chain a, b, c, and a backward pass of two nodes that read b and a. */
function chain() {
  const a = blank([input("x", [4])], "a");
  const b = blank([a], "b");
  const c = blank([b], "c");
  const db = blank([b, c], "db");
  const da = blank([a, db], "da");
  return { a, b, c, da };
}

test("a dropped tensor is made again from what is kept, when the backward pass needs it next", () => {
  const { a, b, c, da } = chain();
  assert.equal(names(recompute(c, [da], new Set([b]))), ["a", "b", "c", "b again", "db", "da"]);
  assert.equal(names(recompute(c, [da], new Set([a]))), ["a", "b", "c", "db", "a again", "da"]);
  const both = recompute(c, [da], new Set([a, b]));
  assert.equal(names([c, ...both]), ["a", "b", "c", "a again", "b again", "db", "da"]);
  const [copy] = nodesFor(both).filter(({ name }) => name === "b again");
  assert.equal(copy.inputs[0].name, "a again");
});

test("if nothing is dropped the nodes stay the same", () => {
  const { c, da } = chain();
  assert.is(recompute(c, [da], new Set())[0], da);
});

/** Describes how a tensor is computed, with copies named like their originals. */
function meaning({ name, node }: Tensor, known = new Map<string, string>()): string {
  const plain = name.replace(/ again$/, "");
  if (!known.has(plain)) {
    const inputs = node?.inputs.map((tensor) => meaning(tensor, known)) ?? [];
    known.set(plain, `${plain}(${inputs.join()})`);
  }
  return known.get(plain) as string;
}

test("on random graphs a rebuilt backward pass means the same and reads nothing that is dropped", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { tensors } = randomGraph(24, seed);
    const output = tensors[11];
    const forward = new Set(nodesFor([output]));
    const of = tensors.slice(18);
    const dropped = new Set(
      [...forward].filter((_, i) => i % 3 > 0).map((node) => node.outputs[0]),
    );
    const again = recompute(output, of, dropped);
    assert.equal(
      again.map((tensor) => meaning(tensor)),
      of.map((tensor) => meaning(tensor)),
    );
    for (const node of nodesFor([output, ...again])) {
      if (forward.has(node)) continue;
      const read = node.inputs.find(
        (tensor) => dropped.has(tensor) && forward.has(tensor.node as Node),
      );
      assert.is(read, undefined, `graph ${seed}: ${node.name} reads ${read?.name}`);
    }
  }
});

test("of two costly nodes in a row the first is dropped, and what is cheap, but nothing read twice", () => {
  const conv = (x: Tensor, name: string) => blank([x], `conv ${name}`);
  const one = conv(input("x", [4]), "1");
  const two = conv(one, "2");
  const pool = blank([two], "pool");
  const three = conv(pool, "3");
  const four = conv(three, "4");
  const concat = blank([two, four], "concat");
  const five = conv(concat, "5");
  const out = conv(five, "6");
  const dropped = everySecond(out, ({ name }) => name.startsWith("conv"));
  assert.equal(
    [...dropped].map(({ name }) => name),
    ["conv 1", "pool", "conv 3", "concat", "conv 5"],
  );
});

test.run();
