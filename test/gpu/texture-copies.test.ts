import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { createTextures, planTextures, type TextureCopy } from "../../src/gpu/texture-copies.js";
import { finish } from "../../src/graph/pausable.js";
import { input, type Tensor } from "../../src/graph/tensor.js";

const copy = (
  width: number,
  height: number,
  from: number,
  to: number,
  texelBytes: 8 | 16 = 16,
): TextureCopy => {
  return { width, height, fold: 0, texelBytes, bytes: width * height * texelBytes, from, to };
};

/** Plans the textures of copies on a device that only records calls. */
function texturesOf(copies: readonly TextureCopy[]) {
  const sizes: number[][] = [];
  const destroyed: number[] = [];
  const gpu = {
    createTexture({ size }: { size: number[] }) {
      const index = sizes.push(size) - 1;
      return { index, destroy: () => destroyed.push(index) };
    },
  } as unknown as GPUDevice;
  const pipelines = {
    texelFormat: (isPacked: boolean) => (isPacked ? "rgba16float" : "rgba32float"),
  };
  const tensors = copies.map((_, i) => input(`t${i}`, [1]));
  const plan = finish(planTextures(new Map(tensors.map((tensor, i) => [tensor, copies[i]]))));
  const made = createTextures({ gpu, pipelines } as unknown as Device, "test", plan);
  const indexOf = (tensor: Tensor) =>
    (made.textures.get(tensor) as unknown as { index: number }).index;
  return { sizes, destroyed, made, indices: tensors.map(indexOf) };
}

test("copies share a texture one after the other, if both dimensions fit", () => {
  const { sizes, indices, made } = texturesOf([
    copy(64, 100, 0, 2),
    copy(32, 50, 3, 4), // fits into the first
    copy(128, 20, 5, 6), // too wide for the first
    copy(64, 90, 2, 3), // the first is still read
  ]);
  assert.is(indices[1], indices[0]);
  assert.is(new Set(indices).size, 3);
  assert.equal(sizes[indices[0]], [64, 100]);
  assert.equal(sizes[indices[2]], [128, 20]);
  assert.is(made.bytes, 16 * (64 * 100 + 128 * 20 + 64 * 90));
});

test("packed copies have textures of their own, of half of the bytes", () => {
  const { sizes, indices, made } = texturesOf([
    copy(64, 100, 0, 2),
    copy(64, 100, 3, 4, 8),
    copy(64, 100, 5, 6, 8), // follows the second
    copy(32, 50, 7, 8), // follows the first
  ]);
  assert.equal([indices[2], indices[3]], [indices[1], indices[0]]);
  assert.is.not(indices[1], indices[0]);
  assert.is(sizes.length, 2);
  assert.is(made.bytes, (16 + 8) * 64 * 100);
});

test("closing destroys every texture once", () => {
  const { destroyed, made } = texturesOf([copy(16, 16, 0, 1), copy(16, 16, 1, 2)]);
  made.close();
  assert.equal(destroyed, [0, 1]);
});

test.run();
