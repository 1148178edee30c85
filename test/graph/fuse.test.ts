import { test } from "uvu";
import * as assert from "uvu/assert";
import { conv2dReference } from "../../src/check/references/conv2d-reference.js";
import { kernelsOf } from "../../src/graph/choose-kernel.js";
import { fuse } from "../../src/graph/fuse.js";
import type { Node } from "../../src/graph/op.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { imagesInHalves } from "../../src/ops/elementwise/cast.js";
import { add, conv2d, gradients, maxPool2d, relu, scale } from "../../src/ops/index.js";
import { checkOp, type OpCase } from "../check-op.js";
import { sampledTest } from "../sample.js";

// Kernels that read buffers take masks.
const capabilities = {
  kind: "gpu",
  workgroupSize: 64,
  subgroups: false,
  textureSide: 8192,
} as const;
const fusesReluMask = (node: Node) =>
  kernelsOf(node, capabilities).find(
    ({ name, isReference }) => isReference || name === node.op.name,
  )?.fusesReluMask ?? false;
const x = input("x", [1, 2, 9, 10]);
const weight = (outs: number, ins: number) => input(`w${outs}${ins}`, [outs, ins, 3, 3], "dense");

/** Names of the ops that run for the gradients, after fusion. */
function fused(y: Tensor, of: readonly Tensor[], kept: readonly Tensor[] = []) {
  const wanted = gradients(y, of, input("seed", y.shape)) as Tensor[];
  const nodes = nodesFor(wanted);
  const before = nodes.filter(({ op }) => op.isReluMask).length;
  const after = fuse(nodes, new Set([...wanted, ...kept]), { fusesReluMask });
  return { before, after, masks: after.filter(({ op }) => op.isReluMask).length };
}

test("the gradient of a ReLU merges into the convolution that makes what it masks", () => {
  const [w1, w2] = [weight(3, 2), weight(4, 3)];
  const hidden = conv2d(x, w1, undefined, { activation: "relu", name: "hidden" });
  const y = conv2d(hidden, w2);
  const { before, masks, after } = fused(y, [w1, w2]);
  assert.is(before, 1);
  assert.is(masks, 0);
  const maker = after.find((node) => node.mask);
  assert.is(maker?.mask, hidden);
  assert.is(maker?.outputs.length, 1);
});

test("if two paths meet, the mask merges into their sum", () => {
  const w1 = weight(2, 2);
  const hidden = conv2d(x, w1, undefined, { activation: "relu", name: "hidden" });
  const y = add(conv2d(hidden, weight(2, 2), undefined, { padding: "same" }), scale(hidden, 2));
  const { masks, after } = fused(y, [w1]);
  assert.is(masks, 0);
  assert.equal(
    after.filter((node) => node.mask).map(({ op }) => op.name),
    ["add"],
  );
});

test("a mask stays a node if others read the unmasked tensor, or the caller keeps it", () => {
  const w1 = weight(3, 2);
  const y = relu(conv2d(x, w1));
  // The seed is an input: no node computes it.
  assert.is(fused(y, [w1]).masks, 1);
  const hidden = conv2d(x, w1, undefined, { activation: "relu" });
  const z = conv2d(hidden, weight(2, 3));
  const [dHidden] = gradients(z, [hidden], input("seed", z.shape)) as Tensor[];
  const all = nodesFor([dHidden, ...(gradients(z, [w1], input("seed", z.shape)) as Tensor[])]);
  const makers = all.filter(({ outputs }) => outputs.includes(dHidden));
  assert.is(makers.length, 1);
  assert.is(fuse(all, new Set([dHidden]), { fusesReluMask }).includes(makers[0]), true);
});

test("a maker does the work of one of its readers in its own place, and keeps its output", () => {
  const y = conv2d(x, weight(3, 2));
  const [rectified, pooled] = [relu(y), maxPool2d(y)];
  const fuseExtraOutput = (maker: Node, reader: Node): Node | undefined =>
    reader.op.name === "max-pool2d"
      ? { ...maker, outputs: [...maker.outputs, ...reader.outputs] }
      : undefined;
  const pool = pooled.node as Node;
  const outputsWith = (reader: Node) =>
    fuse([y.node as Node, rectified.node as Node, reader], new Set([rectified, pooled]), {
      fusesReluMask: () => false,
      fuseExtraOutput,
    }).map(({ outputs }) => outputs);
  assert.equal(outputsWith(pool), [[y, pooled], [rectified]]);
  // A node that has to wait for something else keeps its place.
  assert.equal(outputsWith({ ...pool, after: [rectified] }), [[y], [rectified], [pooled]]);
});

function threeConvolutions(): OpCase {
  const first = { x: [2, 1, 7, 9], weight: [3, 1, 3, 3], border: 1 };
  const second = { x: [2, 3, 7, 9], weight: [18, 3, 3, 3], border: 0 };
  const third = { x: [2, 18, 5, 7], weight: [2, 18, 1, 1], border: 0 };
  const rectify = (values: Float64Array) => values.map((value) => Math.max(0, value));
  return {
    name: "three convolutions",
    inputs: {
      x: { shape: first.x },
      w1: { shape: first.weight, layout: "dense" },
      w2: { shape: second.weight, layout: "dense" },
      w3: { shape: third.weight, layout: "dense" },
    },
    build: ({ x, w1, w2, w3 }) => {
      const a = conv2d(x, w1, undefined, { padding: "same", activation: "relu" });
      return conv2d(conv2d(a, w2, undefined, { activation: "relu" }), w3);
    },
    reference: ({ x, w1, w2, w3 }) => {
      const a = rectify(conv2dReference(first, x, w1));
      return conv2dReference(third, rectify(conv2dReference(second, a, w2)), w3);
    },
    epsilon: 1e-6, // away from the kinks of the activation
  };
}

test("merged masks give the gradients of the reference, on a sample of the variants", async () => {
  await checkOp(threeConvolutions(), { each: false });
});

sampledTest("merged masks are read in 16 bits too", async () => {
  await checkOp({ ...threeConvolutions(), pack: imagesInHalves }, { each: false });
});

test.run();
