import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Colour, RawImage } from "../../src/data/image-types.js";
import {
  classesOf,
  decide,
  grey,
  grey16,
  jpegged,
  questionOf,
  rgb,
  SCENES,
  smoothed,
  typed,
} from "./label-scenes.js";

const white = SCENES.map(({ cells }) => cells.map((v) => 255 * v));
const expected = SCENES.flatMap(({ cells }) => cells);

/** Share of the pixels that are read as drawn. */
function agreement(files: readonly RawImage[], labelThreshold: number): number {
  const data = classesOf(files, { labelThreshold });
  return data.filter((value, i) => value === expected[i]).length / data.length;
}

test("black and white with soft edges raises a question with the threshold between the peaks", () => {
  const round = (values: number[]) => values.map(Math.round);
  const sets: [string, RawImage[], number][] = [
    ["JPEG", white.map((one) => grey(jpegged(one))), 128],
    ["JPEG of low quality", white.map((one) => grey(jpegged(one, 80))), 128],
    ["JPEG of high quality", white.map((one) => grey(jpegged(one, 4))), 128],
    ["smoothed", white.map((one) => grey(round(smoothed(one)))), 128],
    ["smoothed more", white.map((one) => grey(round(smoothed(one, 3)))), 128],
    ["16 bits", white.map((one) => grey16(round(smoothed(one).map((v) => 257 * v)))), 32768],
    [
      "floats",
      white.map((one) =>
        typed(
          Float32Array.from(smoothed(one), (v) => v / 255),
          1,
        ),
      ),
      0.5,
    ],
    ["0 to 200", white.map((one) => grey(round(smoothed(one).map((v) => (v * 200) / 255)))), 100],
  ];
  for (const [name, files, middle] of sets) {
    const question = questionOf(files);
    assert.is(question?.kind, "soft-edges", name);
    assert.match(question?.message ?? "", /^label \d\.png: .*soft edges.*--label-threshold/, name);
    const found = question?.answers[0].declaration.labelThreshold ?? 0;
    assert.ok(Math.abs(found - middle) <= 0.04 * middle, `${name}: ${found}`);
    assert.ok(agreement(files, found) > 0.96, `${name}: ${agreement(files, found)}`);
    assert.is(questionOf(files, { classes: 2 })?.kind, "soft-edges", `${name}, declared`);
  }
});

test("one file with soft edges among hard ones raises it, and the threshold takes all", () => {
  const files = white.map((one, i) => grey(i === 2 ? jpegged(one) : one));
  const question = questionOf(files);
  assert.equal([question?.kind, question?.file], ["soft-edges", "2.png"]);
  assert.ok(agreement(files, 128) > 0.98);
});

test("RGB pictures that are grey, or nearly so, are asked for alike", () => {
  const tinted = white.map((one) =>
    rgb(jpegged(one).map((v): Colour => [v, Math.max(0, v - (v % 5)), Math.min(255, v + (v % 3))])),
  );
  const plain = white.map((one) => rgb(jpegged(one).map((v): Colour => [v, v, v])));
  for (const files of [tinted, plain]) {
    assert.is(questionOf(files)?.kind, "soft-edges");
    assert.ok(agreement(files, 128) > 0.98);
  }
});

test("class colours that JPEG has mixed are refused, declared or not", () => {
  const colours: Colour[] = [
    [0, 0, 0],
    [255, 0, 0],
    [0, 0, 255],
  ];
  const channel = (k: number, ids: readonly number[]) =>
    jpegged(ids.map((id) => colours[id % 3][k]));
  const files = SCENES.map(({ ids }) => {
    const [r, g, b] = [0, 1, 2].map((k) => channel(k, ids));
    return rgb(ids.map((_, i): Colour => [r[i], g[i], b[i]]));
  });
  const classColours = ["#000000", "#ff0000", "#0000ff"];
  for (const declared of [{}, { classColours }]) {
    assert.throws(() => decide(files, declared), /label 0\.png: .*JPEG and smoothing mix colours/);
  }
});

test("class indices that JPEG has mixed are refused", () => {
  const files = SCENES.map(({ ids }) => grey(jpegged(ids.map((id) => 100 * (id % 3)))));
  assert.throws(() => decide(files, { classes: 3 }), /0\.png: .*JPEG and smoothing mix values/);
});

test("an image in the place of a label is refused as such", () => {
  let state = 1;
  const next = () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
  const noise = () => (next() + next() + next() + next()) / 4;
  for (const files of [
    [grey(Array.from({ length: 4096 }, () => 255 * noise()))],
    [grey16(Array.from({ length: 4096 }, () => 65535 * noise()))],
    [typed(Float32Array.from({ length: 4096 }, noise), 1)],
  ]) {
    assert.throws(() => decide(files), /0\.png: .*is it in the wrong folder\?/);
  }
});

test("a threshold holds between the values of the set, and leaves out what is ignored", () => {
  const files = white.map((one) => grey(jpegged(one)));
  assert.throws(
    () => decide(files, { labelThreshold: 300 }),
    /--label-threshold 300: the labels' values are 0 to 255/,
  );
  const marked = white.map((one) => grey(one.map((v, i) => (i < 100 ? 7 : v))));
  const data = classesOf(marked, { labelThreshold: 128, ignore: 7 });
  assert.equal(data.slice(0, 100), new Array(100).fill(255));
  assert.equal(data.slice(100, 4096), expected.slice(100, 4096));
});

test("hard edges are no soft ones: masks, numbers of many small cells, classes in small pieces", () => {
  assert.equal(classesOf(white.map((one) => grey(one))), expected);
  // 400 cells of 2 x 2 pixels.
  const spots = Array.from({ length: 4096 }, (_, i) => {
    const [x, y] = [i % 64, Math.floor(i / 64)];
    return x % 3 < 2 && y % 3 < 2 && x < 60 && y < 60
      ? 1 + Math.floor(x / 3) + 20 * Math.floor(y / 3)
      : 0;
  });
  assert.is(questionOf([grey16(spots)])?.kind, "instances");
  const specks = Array.from({ length: 4096 }, (_, i) => (i * 7919) % 12);
  assert.is(decide([grey(specks)], { classes: 12 }).classes, 12);
});

test.run();
