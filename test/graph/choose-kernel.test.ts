import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseFrom, kernelsOf, layerKey } from "../../src/graph/choose-kernel.js";
import { input, type Node } from "../../src/graph/tensor.js";
import { conv2d, relu } from "../../src/ops/index.js";

const capabilities = { kind: "cpu", workgroupSize: 8, subgroups: true, textureSide: 8192 } as const;
const layer = (side: number, padding: "same" | "valid" = "valid") =>
  conv2d(input("x", [1, 16, side, side]), input("w", [16, 16, 3, 3], "dense"), undefined, {
    padding,
  }).node as Node;

test("a layer's key tells shapes and attributes apart, not names", () => {
  assert.is(layerKey(layer(20)), layerKey({ ...layer(20), name: "other" }));
  assert.is.not(layerKey(layer(20)), layerKey(layer(21)));
  assert.is.not(layerKey(layer(20)), layerKey(layer(20, "same")));
  assert.is.not(layerKey(layer(20)), layerKey({ ...layer(20), mask: input("m", [1]) }));
});

test("a table chooses among what an op offers; without an entry the first serves", () => {
  const node = layer(20);
  const offered = kernelsOf(node, capabilities);
  assert.ok(offered.includes("buffer") && offered[0] !== "buffer", `offered ${offered}`);
  assert.is(chooseFrom(new Map())(node, offered), offered[0]);
  assert.is(chooseFrom(new Map([[layerKey(node), "buffer"]]))(node, offered), "buffer");
  assert.is(chooseFrom(new Map([[layerKey(node), "gone"]]))(node, offered), offered[0]);
});

test("an op without candidates has one kernel, of its own name", () => {
  const node = relu(input("x", [1, 2, 8, 8])).node as Node;
  assert.equal(kernelsOf(node, capabilities), ["relu"]);
});

test.run();
