import { test } from "uvu";
import * as assert from "uvu/assert";
import { selectValidation } from "../../src/data/pairs.js";

const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

test("the last fifth is held out by default", () => {
  assert.equal(selectValidation(names(25)).validation, ["20", "21", "22", "23", "24"]);
  assert.equal(selectValidation(["b", "a"]), { training: ["a"], validation: ["b"] });
});

test("names and globs choose what is held out", () => {
  assert.equal(selectValidation(names(25), "2?, 3").validation, [
    "3",
    "20",
    "21",
    "22",
    "23",
    "24",
  ]);
  assert.equal(selectValidation(["a.1", "ab1", "c"], "a.*").validation, ["a.1"]);
  assert.is(selectValidation(names(25), "1*").training.length, 14);
});

test("held-out names may have commas, an extension, a set in front, letters composed otherwise", () => {
  const held = (all: string[], spec: string) => selectValidation(all, spec).validation;
  assert.equal(held(["day 1, well A1", "day 1, well A2", "b"], "day 1, well A2,b"), [
    "b",
    "day 1, well A2",
  ]);
  assert.equal(held(["a", "b", "c"], "b.png,c.ome.tif"), ["b", "c"]);
  assert.equal(held(["a-0", "b-0", "b-1"], "b/0"), ["b-0"]);
  assert.equal(held(["a-0", "b-0", "b-1"], "b\\*"), ["b-0", "b-1"]);
  assert.equal(held(["\u00e4", "b"], "a\u0308"), ["\u00e4"]);
  assert.equal(held(["IMG_1", "b"], "img_1"), ["IMG_1"]);
});

test("a choice that cannot be is refused", () => {
  assert.throws(
    () => selectValidation(names(7), "9"),
    /"9": no sample of that name, expected some of 0, 1, 2, 3, 4 and 2 more/,
  );
  assert.throws(() => selectValidation(names(7), "*"), /names all 7 samples/);
  assert.throws(() => selectValidation(names(7), " ,"), /names nothing/);
  assert.throws(() => selectValidation(["a"]), /got 1 samples, expected at least 2/);
});

test.run();
