import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkNumbers, firstNotFinite, placeIn } from "../../src/arguments/numbers.js";
import { messageOf } from "../errors.js";

const check = (values: unknown) => messageOf(() => checkNumbers("input x", values as number[]));

test("numbers of every array pass, NaN and infinities that are meant too", () => {
  for (const values of [
    [1, -0, Number.NaN, Infinity],
    Float64Array.of(1e-320, -Infinity, 3.4028235e38),
    Uint8Array.of(255),
    Float32Array.of(Number.NaN),
    { length: 2, 0: 1, 1: 2 },
    [],
  ]) {
    checkNumbers("input x", values as ArrayLike<number>);
  }
});

test("a finite number that becomes infinite in 32 bits is refused by its place", () => {
  assert.is(check([0, 1e300]), "input x: value 1 is 1e+300, which is infinite in 32 bits (3.4e38)");
  assert.match(check(Float64Array.of(-3.5e38)), "value 0 is -3.5e+38");
  // The first number that is rounded to infinity, and the last that is not.
  const first = 2 ** 128 - 2 ** 103;
  assert.is(Math.fround(first), Infinity);
  assert.match(check([first]), "infinite");
  const last = first - 2 ** 75;
  assert.ok(Math.fround(last) < Infinity);
  checkNumbers("input x", [last]);
});

test("values that are not numbers are refused with their index and type", () => {
  assert.is(check(["1", "b"]), 'input x: value 0 must be a number, got the text "1"');
  assert.match(check([1, undefined]), "value 1 must be a number, got undefined");
  assert.match(check([1, 2n]), "value 1 must be a number, got 2");
  assert.match(check([null]), "got null");
  assert.match(check([[1]]), "got [1]");
});

test("what is no array of numbers is refused", () => {
  assert.match(
    check(new BigInt64Array(4)),
    /is a BigInt64Array, expected numbers: use Float32Array/,
  );
  assert.match(check(new BigUint64Array(4)), /is a BigUint64Array/);
  assert.match(check("1234"), 'must be an array of numbers, got the text "1234"');
  assert.match(check(undefined), "must be an array of numbers, got undefined");
  assert.match(check(new ArrayBuffer(16)), "got an ArrayBuffer");
  assert.match(check(new DataView(new ArrayBuffer(16))), "got a DataView");
});

test("the first value that is not finite is found at every place, and none among finite ones", () => {
  for (const length of [0, 1, 3, 4, 5, 8, 13]) {
    const values = Float32Array.from({ length }, (_, i) => (i % 2 ? 3.4e38 : -3.4e38));
    assert.is(firstNotFinite(values), -1);
    for (let at = 0; at < length; at++) {
      for (const odd of [Number.NaN, Infinity, -Infinity]) {
        const changed = values.slice();
        changed[at] = odd;
        changed[length - 1] = odd;
        assert.is(firstNotFinite(changed), at);
      }
    }
  }
});

test("a position in a row-major array is given by its indices", () => {
  assert.equal(placeIn([2, 3, 4], 23), [1, 2, 3]);
  assert.equal(placeIn([2, 3, 4], 4), [0, 1, 0]);
  assert.equal(placeIn([5], 4), [4]);
});

test.run();
