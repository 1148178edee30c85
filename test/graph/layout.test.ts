import { test } from "uvu";
import * as assert from "uvu/assert";
import { copiedRows } from "../../src/gpu/texture-copies.js";
import {
  byteCount,
  centreRows,
  floatCount,
  fromLayout,
  stacked,
  textureSize,
  toLayout,
} from "../../src/graph/layout.js";
import { elementCount, input, type Shape, scratchTexture } from "../../src/graph/tensor.js";
import { halves } from "../../src/ops/elementwise/cast.js";
import { shaderFiles } from "../shader-files.js";

const SHAPES: readonly Shape[] = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [1, 2, 3, 32],
  [2, 1, 2, 33],
  [1, 5, 2, 67],
  [3, 4, 1, 128],
];

const counted = (count: number) => Float32Array.from({ length: count }, (_, i) => i + 1);

test("unpack gives back what pack took, for images and dense tensors", () => {
  for (const shape of SHAPES) {
    const values = counted(elementCount(shape));
    for (const order of ["image", "dense"] as const) {
      const tensor = input("x", shape, order);
      const memory = toLayout(tensor, values);
      assert.is(memory.byteLength, byteCount(tensor));
      assert.equal(fromLayout(tensor, memory), values);
    }
  }
  for (const shape of [[1], [7], [3, 5], [2, 3, 4]]) {
    const values = counted(elementCount(shape));
    assert.equal(fromLayout(input("x", shape), toLayout(input("x", shape), values)), values);
  }
});

test("pack leaves everything but the pixels at zero", () => {
  for (const shape of SHAPES) {
    const memory = toLayout(input("x", shape), counted(elementCount(shape)));
    assert.is(memory.filter((value) => value !== 0).length, elementCount(shape));
  }
});

test("a tensor takes whole blocks of 32 pixels, and at least 16 bytes", () => {
  assert.is(floatCount(input("x", [2, 3, 5, 7])), 2 * 3 * 5 * 32);
  assert.is(floatCount(input("x", [2, 3, 5, 33])), 2 * 3 * 5 * 64);
  assert.is(byteCount(input("x", [1])), 16);
  assert.is(byteCount(input("x", [5])), 32);
});

type At = (row: number, x4: number, c: number, blocks: number, channels: number) => number;

/** The functions `at` of all shaders, from their text. Whole-number WGSL of + * >> & is also JS. */
function shaderFormulas(): Map<string, At> {
  const formulas = new Map<string, At>();
  for (const [name, source] of shaderFiles()) {
    const found = /^fn at\(([^)]*)\) -> u32 \{\n\s*return ([^;]+);\n\}/m.exec(source);
    if (!found) continue;
    const parameters = found[1].split(",").map((part) => part.split(":")[0].trim());
    assert.equal(parameters, ["row", "x4", "c", "blocks", "channels"], name);
    assert.match(found[2], /^[\w\s()+*>&]+$/, name);
    formulas.set(name, new Function(...parameters, `return ${found[2]};`) as At);
  }
  return formulas;
}

test("the function `at` of every shader finds each pixel at its place in the layout", () => {
  const formulas = shaderFormulas();
  assert.ok(formulas.size >= 10, `only ${formulas.size} shaders have a function at`);
  for (const [name, at] of formulas) {
    for (const shape of SHAPES) {
      const [n, channels, h, w] = shape;
      const memory = toLayout(input("x", shape), counted(elementCount(shape)));
      let value = 1;
      for (let image = 0; image < n; image++)
        for (let c = 0; c < channels; c++)
          for (let y = 0; y < h; y++)
            for (let x = 0; x < w; x++) {
              const group = at(image * h + y, x >> 2, c, Math.ceil(w / 32), channels);
              const found = memory[group * 4 + (x & 3)];
              assert.is(found, value++, `${name}: ${[image, c, y, x]} of ${shape}`);
            }
    }
  }
});

test("every shader that declares a function `at` is compared", () => {
  const declared = [...shaderFiles()].filter(([, source]) => /^fn at\(.*-> u32/m.test(source));
  assert.equal(
    declared.map(([name]) => name),
    [...shaderFormulas().keys()],
  );
});

test("a texture holds an image's rows, several per row if its channels are odd or there are too many rows", () => {
  const sizeOf = (shape: number[]) => textureSize(input("x", shape));
  assert.equal(sizeOf([2, 4, 5, 33]), {
    width: 32,
    height: 20,
    fold: 0,
    texelBytes: 16,
    bytes: 10240,
  });
  assert.equal(sizeOf([1, 3, 5, 7]), {
    width: 48,
    height: 3,
    fold: 1,
    texelBytes: 16,
    bytes: 2304,
  });
  assert.equal(sizeOf([1, 2, 20000, 7]), {
    width: 64,
    height: 5000,
    fold: 2,
    texelBytes: 16,
    bytes: 5120000,
  });
});

test("a packed image takes half of the bytes, its texels half of theirs, its rows whole ones of a copy", () => {
  const sizeOf = (shape: number[]) => textureSize(halves.narrow(input("x", shape), "packed"));
  assert.equal(sizeOf([2, 4, 5, 33]), {
    width: 32,
    height: 20,
    fold: 0,
    texelBytes: 8,
    bytes: 5120,
  });
  assert.equal(sizeOf([1, 2, 5, 7]), { width: 32, height: 3, fold: 1, texelBytes: 8, bytes: 768 });
  assert.equal(sizeOf([1, 3, 5, 7]), { width: 96, height: 2, fold: 2, texelBytes: 8, bytes: 1536 });
});

test("stacked rows of tensors are below each other in a separate texture", () => {
  const [a, b] = [input("a", [2, 2, 10, 40]), input("b", [2, 4, 3, 9])];
  const { rows, height, top } = centreRows(a, 4);
  assert.equal([height, top], [4, 0]); // 2 blocks per row, 10 rows per image: the middle 4 of each
  const both = stacked("both", [...rows, { tensor: b, first: 0, count: 6 }]);
  assert.equal(textureSize(both), {
    width: 32,
    height: 22,
    fold: 0,
    texelBytes: 16,
    bytes: 22 * 32 * 16,
  });
  assert.equal(
    copiedRows(both).map((part) => [
      part.tensor.name,
      part.first,
      part.count,
      part.top,
      part.width,
    ]),
    [
      ["a", 6, 8, 0, 16],
      ["a", 26, 8, 8, 16],
      ["b", 0, 6, 16, 32],
    ],
  );
  const folded = input("folded", [1, 1, 10, 40]);
  assert.equal(centreRows(folded, 4).height, 10);
});

test("a texture holds a dense tensor of [rows, texels, 4] or of as long rows, and no other", () => {
  const size = textureSize(scratchTexture("w", 5, 48));
  assert.equal(size, { width: 48, height: 5, fold: 0, texelBytes: 16, bytes: 3840 });
  const weight = textureSize(input("w", [5, 48, 2, 2], "dense"));
  assert.equal(weight, size);
  assert.throws(() => textureSize(scratchTexture("w", 5, 40)), "multiple of 16, got [5,40,4]");
  assert.throws(() => textureSize(input("w", [64])), "a texture is [rows, texels, 4]");
});

test.run();
