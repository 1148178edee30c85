import { test } from "uvu";
import * as assert from "uvu/assert";
import { naturalOrder, pairByStem, selectValidation, stemOf } from "../../src/data/pairs.js";

const WHERE = { images: "data/images", labels: "data/labels" };
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

test("names are in the order of people: 2 before 10", () => {
  const sorted = ["b1", "10", "a10", "2", "a2", "01", "1", "a"].sort(naturalOrder);
  assert.equal(sorted, ["1", "01", "2", "10", "a", "a2", "a10", "b1"]);
});

test("the stem leaves the last extension off", () => {
  assert.equal(["a.png", "a.b.png", "a", ".png"].map(stemOf), ["a", "a.b", "a", ".png"]);
});

test("files pair by stem", () => {
  const { pairs, warnings } = pairByStem(["10.png", "2.PNG"], ["2.png", "10.png", "7.png"], WHERE);
  assert.equal(pairs, [
    { name: "2", image: "2.PNG", label: "2.png" },
    { name: "10", image: "10.png", label: "10.png" },
  ]);
  assert.equal(warnings, ["data/labels: 1 labels without an image left out (7)"]);
});

test("images without a label are named, up to a few", () => {
  const images = names(9).map((name) => `${name}.png`);
  assert.throws(
    () => pairByStem(images, ["3.png"], WHERE),
    "data/images: no label in data/labels for 8 of 9 images (0, 1, 2, 4, 5 and 3 more), " +
      "expected a file of the same stem for each",
  );
  assert.throws(() => pairByStem(["a.png", "a.PNG"], [], WHERE), /a.png and a.PNG have the stem a/);
});

test("the last fifth is held out where nothing is named", () => {
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
