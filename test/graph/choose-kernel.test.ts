import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseFrom, chosenKernel, kernelsOf, layerKey } from "../../src/graph/choose-kernel.js";
import type { Node, Op } from "../../src/graph/op.js";
import { input } from "../../src/graph/tensor.js";
import { conv2d, relu } from "../../src/ops/index.js";
import { messageOf } from "../errors.js";

const capabilities = { kind: "cpu", workgroupSize: 8, subgroups: true, textureSide: 8192 } as const;
const layer = (side: number, padding: "same" | "valid" = "valid") =>
  conv2d(input("x", [1, 16, side, side]), input("w", [16, 16, 3, 3], "dense"), undefined, {
    padding,
  }).node as Node;

test("a layer's key depends on shapes and attributes, not on names", () => {
  assert.is(layerKey(layer(20)), layerKey({ ...layer(20), name: "other" }));
  assert.is.not(layerKey(layer(20)), layerKey(layer(21)));
  assert.is.not(layerKey(layer(20)), layerKey(layer(20, "same")));
  assert.is.not(layerKey(layer(20)), layerKey({ ...layer(20), mask: input("m", [1]) }));
});

test("a table chooses among what an op offers; without an entry the first serves", () => {
  const node = layer(20);
  const offered = kernelsOf(node, capabilities).map(({ name }) => name);
  assert.ok(offered.includes("buffer") && offered[0] !== "buffer", `offered ${offered}`);
  assert.is(chooseFrom(new Map())(node, offered), offered[0]);
  assert.is(chooseFrom(new Map([[layerKey(node), "buffer"]]))(node, offered), "buffer");
  assert.is(chooseFrom(new Map([[layerKey(node), "gone"]]))(node, offered), offered[0]);
});

test("the kernels that can compute a node are ordered by rank, regardless of their order in the op", () => {
  const kernel = (name: string, place: number | undefined) => {
    return { name, rank: () => place, dispatches: () => [] };
  };
  const kernels = [kernel("second", 2), kernel("never", undefined), kernel("first", 1)];
  const node = { ...(relu(input("x", [1, 2, 8, 8])).node as Node), name: "layer" };
  const names = (op: Op) => kernelsOf({ ...node, op }, capabilities).map(({ name }) => name);
  assert.equal(names({ ...node.op, kernels }), ["first", "second"]);
  assert.equal(names(node.op), ["relu"], "without a place a kernel computes every node");
  assert.is(
    messageOf(() => names({ ...node.op, kernels: kernels.slice(1, 2) })),
    "node layer: no kernel of relu computes it on this adapter: never",
  );
});

test("a misspelt kernel is an error that lists those that can be chosen", () => {
  const node = { ...layer(20), name: "layer" };
  assert.is(
    messageOf(() => chosenKernel(node, capabilities, () => "txture")),
    "node layer: conv2d has no kernel txture here: choose one of texture-winograd, texture, buffer",
  );
  assert.is(chosenKernel(node, capabilities, () => "buffer").name, "buffer");
});

test.run();
