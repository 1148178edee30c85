import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  checkClasses,
  classLegend,
  colourText,
  completeColours,
  defaultColour,
  parseColour,
} from "../../src/data/classes.js";
import type { Colour } from "../../src/data/image-types.js";

/**
 * Linear red, green, blue as seen by people: normal vision, protanopes, deuteranopes, tritanopes
 * (Machado, Oliveira and Fernandes 2009, severity 1). Row by row.
 */
const SIGHTS = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopes: [
    ...[0.152286, 1.052583, -0.204868],
    ...[0.114503, 0.786281, 0.099216],
    ...[-0.003882, -0.048116, 1.051998],
  ],
  deuteranopes: [
    ...[0.367322, 0.860646, -0.227968],
    ...[0.280085, 0.672501, 0.047413],
    ...[-0.01182, 0.04294, 0.968881],
  ],
  tritanopes: [
    ...[1.255528, -0.076749, -0.178779],
    ...[-0.078411, 0.930809, 0.147602],
    ...[0.004733, 0.691367, 0.3039],
  ],
};

const times = (matrix: readonly number[], v: readonly number[]) =>
  [0, 3, 6].map((row) => matrix[row] * v[0] + matrix[row + 1] * v[1] + matrix[row + 2] * v[2]);

/** CIELAB of a colour of sRGB, white D65, for one kind of vision. */
function lab(colour: Colour, sight: readonly number[]): number[] {
  const linear = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const seen = times(sight, linear).map((value) => Math.max(0, Math.min(1, value)));
  const toXyz = [0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505];
  const white = [0.9505, 1, 1.089];
  const [x, y, z] = times(toXyz, seen)
    .map((value, i) => value / white[i])
    .map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test("the default colours of nine classes differ for every sight", () => {
  for (const [sight, matrix] of Object.entries(SIGHTS)) {
    const seen = Array.from({ length: 9 }, (_, index) => lab(defaultColour(index), matrix));
    for (let a = 0; a < 9; a++) {
      for (let b = 0; b < a; b++) {
        const distance = Math.hypot(...seen[a].map((value, i) => value - seen[b][i]));
        // Two colours next to each other look different from about 2 on.
        assert.ok(distance > 29, `${sight}: classes ${b} and ${a} are ${distance} apart`);
      }
    }
  }
});

test("the default colours of 255 classes all differ", () => {
  const colours = Array.from({ length: 255 }, (_, index) => colourText(defaultColour(index)));
  assert.is(new Set(colours).size, 255);
  assert.ok(colours.every((text) => /^#[\da-f]{6}$/.test(text)));
});

test("classes without a colour get default ones that are not in use", () => {
  const [first, second, third, fourth] = completeColours([[255, 176, 0], undefined], 4);
  assert.equal(first, [255, 176, 0]);
  assert.equal(second, [0, 0, 0], "its own default is taken");
  assert.equal(third, defaultColour(2));
  assert.equal(fourth, defaultColour(3));
});

test("a legend has a name and a colour for each class, with or without given ones", () => {
  assert.equal(classLegend({ classes: 2 }).names, ["membrane", "cell"]);
  assert.equal(classLegend({ classes: 3 }).names, ["class 0", "class 1", "class 2"]);
  const given = { classes: 3, classNames: ["a", "b", "c"], classColours: ["#000000", "#ffffff"] };
  assert.equal(classLegend(given).names, ["a", "b", "c"]);
  assert.equal(classLegend(given).colours, [[0, 0, 0], [255, 255, 255], defaultColour(2)]);
});

test("a colour is six digits or three, and written as six", () => {
  assert.equal(parseColour("#D4442f"), [212, 68, 47]);
  assert.equal(parseColour("#d42"), [0xdd, 0x44, 0x22]);
  assert.is(colourText([212, 68, 0]), "#d44400");
  for (const wrong of ["d4442f", "#d4442", "red", ""]) assert.is(parseColour(wrong), undefined);
});

test("names and colours that do not fit are refused in words", () => {
  const fails = (fields: object, message: RegExp) =>
    assert.throws(() => checkClasses({ classes: 2, ...fields }), message);
  checkClasses({ classes: 2, classNames: ["a", "b"], classColours: ["#000000", "#ffffff"] });
  fails({ classNames: ["a"] }, /got 1 \(a\) class names, expected 2/);
  fails({ classNames: ["a", "a"] }, /two classes have the same of the names: a/);
  fails({ classNames: ["a", ""] }, /got "" among the class names, expected words/);
  fails({ classColours: ["#000000", "red"] }, /got "red" among the class colours/);
  fails({ classColours: "#000000" }, /got #000000 class colours, expected 2/);
});

test("of a network of single cells class 0 is the background, of others the membrane", () => {
  assert.equal(classLegend({ classes: 2 }).names, ["membrane", "cell"]);
  const objects = { kind: "gap" } as const;
  assert.equal(classLegend({ classes: 2, objects }).names, ["background", "cell"]);
});

test.run();
