import { test } from "uvu";
import * as assert from "uvu/assert";
import { imageFromRaw } from "../../src/data/labels.js";
import {
  changedSamples,
  collectDigests,
  imageDigest,
  labelDigest,
  weightsDigest,
} from "../../src/node/digest.js";

const numbers = Array.from({ length: 200 * 180 }, (_, i) => (i * i * 7) % 256);
const raw = {
  width: 200,
  height: 180,
  channels: 1,
  maximum: 255,
  data: Uint8Array.from(numbers),
};

test("an image has one digest as the file stores it, as floats, and in more bits", () => {
  const digest = imageDigest(raw);
  assert.match(digest, /^[0-9a-f]{16}$/);
  assert.is(imageDigest(imageFromRaw(raw)), digest);
  const wide = { ...raw, maximum: 65535, data: Uint16Array.from(numbers, (value) => 257 * value) };
  assert.is(imageDigest(wide), digest);
  assert.is(imageDigest(imageFromRaw(wide)), digest);
});

test("each number of an image, its size and its channels change the digest", () => {
  const digest = imageDigest(raw);
  for (const at of [0, 16_383, 16_384, numbers.length - 1]) {
    const data = raw.data.slice();
    data[at] ^= 1;
    assert.is.not(imageDigest({ ...raw, data }), digest, `pixel ${at}`);
  }
  assert.is.not(imageDigest({ ...raw, width: 180, height: 200 }), digest);
  assert.is.not(imageDigest({ ...raw, height: 90, channels: 2 }), digest);
  assert.is.not(imageDigest({ ...raw, maximum: 254 }), digest);
});

test("a number that is none counts as one, whatever its bits", () => {
  const bits = new Uint32Array([0x7fc00000, 0xffc00001, 0x7f800001]);
  const [a, b, c] = [0, 1, 2].map((i) =>
    imageDigest({
      width: 1,
      height: 1,
      channels: 1,
      data: new Float32Array(bits.buffer, 4 * i, 1),
    }),
  );
  assert.equal([b, c], [a, a]);
});

test("each pixel of a label and its number of classes change the digest", () => {
  const label = { width: 2, height: 2, classes: 3, data: Uint8Array.of(0, 1, 2, 255) };
  const digest = labelDigest(label);
  assert.is(labelDigest({ ...label, data: label.data.slice() }), digest);
  assert.is.not(labelDigest({ ...label, data: Uint8Array.of(0, 1, 2, 1) }), digest);
  assert.is.not(labelDigest({ ...label, classes: 4 }), digest);
  assert.is.not(labelDigest({ ...label, width: 4, height: 1 }), digest);
});

test("changed samples are reported by kind, with names of every sort", () => {
  const digests = (...changes: number[]) => {
    const collected = collectDigests();
    for (const [i, name] of ["a", "__proto__", "c"].entries()) {
      const image = { width: 1, height: 1, channels: 1, data: Float32Array.of(i) };
      const data = Uint8Array.of(changes[i]);
      collected.add(name, image, { width: 1, height: 1, classes: 2, data });
    }
    return JSON.parse(JSON.stringify(collected.all()));
  };
  assert.equal(changedSamples(digests(0, 0, 0), digests(0, 0, 0)), { images: [], labels: [] });
  assert.equal(changedSamples(digests(0, 0, 0), digests(0, 1, 1)), {
    images: [],
    labels: ["__proto__", "c"],
  });
});

test("the digest of weights has their names and shapes in it, and nothing of the optimiser", () => {
  const tensor = (shape: number[], ...values: number[]) => ({
    shape,
    data: Float32Array.from(values),
  });
  const a = weightsDigest({ tensors: new Map([["w", tensor([2], 1, 2)]]) });
  const more = new Map([
    ["optimizer.mean.w", tensor([2], 0, 0)],
    ["w", tensor([2], 1, 2)],
  ]);
  assert.is(weightsDigest({ tensors: more }), a);
  assert.is.not(weightsDigest({ tensors: new Map([["v", tensor([2], 1, 2)]]) }), a);
  assert.is.not(weightsDigest({ tensors: new Map([["w", tensor([1, 2], 1, 2)]]) }), a);
  assert.is.not(weightsDigest({ tensors: new Map([["w", tensor([2], 1, 3)]]) }), a);
});

test.run();
