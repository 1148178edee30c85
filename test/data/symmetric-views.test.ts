import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromSymmetricView, SYMMETRIES, symmetricView } from "../../src/data/symmetric-views.js";
import { noise } from "../numbers.js";

const [width, height, channels] = [5, 3, 2];
const image = { width, height, channels, data: noise(width * height * channels, 4) };
const all = Array.from({ length: SYMMETRIES }, (_, index) => index);

test("views are quarter turns counter-clockwise, then those of the flipped image", () => {
  // a b c
  // d e f
  const small = { width: 3, height: 2, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const seen = all.map((index) => [...symmetricView(small, index).data].join(""));
  assert.equal(seen, [
    "123456",
    "362514",
    "654321",
    "415263",
    "321654",
    "142536",
    "456123",
    "635241",
  ]);
});

test("every view leads back to the image, whatever its sides and channels", () => {
  for (const index of all) {
    const view = symmetricView(image, index);
    const isTurned = index % 2 === 1;
    assert.equal([view.width, view.height], isTurned ? [height, width] : [width, height]);
    assert.equal(fromSymmetricView(view, index), image);
  }
});

test("another number is no symmetry", () => {
  for (const index of [-1, 8, 1.5]) {
    assert.throws(() => symmetricView(image, index), `is 0 to 7, got ${index}`);
  }
});

test.run();
