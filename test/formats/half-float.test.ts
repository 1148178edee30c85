import { test } from "uvu";
import * as assert from "uvu/assert";
import { halfBits, halfFloat } from "../../src/formats/half-float.js";

test("each number of 16 bits has its own bits", () => {
  for (let bits = 0; bits < 65_536; bits++) {
    const value = halfFloat(bits);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(halfFloat(halfBits(value))));
    else if (halfBits(value) !== bits) assert.unreachable(`${value}: ${halfBits(value)}, ${bits}`);
  }
});

test("a number between two of 16 bits becomes the nearer one, and the even one halfway", () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [below, above] = [halfFloat(bits), halfFloat(bits + 1)];
    const even = bits % 2 === 0 ? bits : bits + 1;
    const at = (share: number) => halfBits(below + share * (above - below));
    const got = [at(0.25), at(0.5), at(0.75)];
    if (String(got) !== String([bits, even, bits + 1])) assert.unreachable(`${below}: ${got}`);
  }
});

test("what is larger than the largest number becomes infinite from half a step on", () => {
  assert.is(halfFloat(halfBits(65_519.9)), 65_504);
  assert.is(halfFloat(halfBits(65_520)), Infinity);
  assert.is(halfFloat(halfBits(-1e9)), -Infinity);
});

test.run();
