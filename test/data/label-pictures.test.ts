import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Colour } from "../../src/data/image-types.js";
import {
  all,
  classesOf,
  decide,
  expected,
  grey,
  palette,
  questionOf,
  rgb,
  rims,
  SCENES,
  typed,
} from "./label-scenes.js";

const RED: Colour = [128, 0, 0];
const GREEN: Colour = [0, 128, 0];
const [BLACK, WHITE]: Colour[] = [
  [0, 0, 0],
  [255, 255, 255],
];

test("of palettes the index counts, but black and white are what they look like", () => {
  const indexed = (values: readonly number[][], colours: Colour[]) =>
    values.map((one) => palette(one, colours));
  const cells = SCENES.map((one) => one.cells);
  assert.equal(classesOf(indexed(cells, [BLACK, RED])), expected);
  assert.equal(classesOf(indexed(cells, [WHITE, RED])), expected);
  const swapped = cells.map((one) => one.map((v) => 1 - v));
  assert.equal(classesOf(indexed(swapped, [WHITE, BLACK])), expected);
  // A file that is all black among them.
  const black = palette(new Array(4096).fill(1), [WHITE, BLACK]);
  const set = classesOf([...indexed(swapped, [WHITE, BLACK]), black]);
  assert.equal(set.slice(-4096), new Array(4096).fill(0));
  const three = indexed(rims, [BLACK, RED, GREEN]);
  assert.equal(classesOf(three), rims.flat());
  assert.equal(decide(three).paletteColours, ["#000000", "#800000", "#008000"]);
  const declared = { classColours: ["#000000", "#800000", "#008000"] };
  assert.equal(classesOf(three, declared), rims.flat());
  const mixed = [palette(cells[0], [BLACK, RED]), grey(cells[1].map((v) => 255 * v))];
  assert.equal(classesOf(mixed), [...cells[0], ...cells[1]]);
});

test("RGB pictures are grey, or in class colours, which must be declared", () => {
  const equal = SCENES.map(({ cells }) =>
    rgb(cells.map((v): Colour => [255 * v, 255 * v, 255 * v])),
  );
  assert.equal(classesOf(equal), expected);
  const coloured = rims.map((one) => rgb(one.map((v) => [BLACK, RED, GREEN][v])));
  assert.throws(
    () => decide(coloured),
    /^label 0\.png: it is a colour image, .*\(here #000000, #008000, #800000\) need --class-colours/,
  );
  const classColours = ["#000000", "#800000", "#008000"];
  assert.equal(classesOf(coloured, { classColours }), rims.flat());
  assert.equal(decide(coloured, { classColours }).remarks, [
    "Labels are pictures in the class colours.",
  ]);
});

test("files that are displayed inverted are read as stored, and a set that mixes both gives a message", () => {
  const shown = SCENES.map(({ cells }) =>
    grey(
      cells.map((v) => 255 * (1 - v)),
      { inverted: true },
    ),
  );
  assert.equal(classesOf(shown), expected);
  assert.match(decide(shown).remarks[0], /the stored numbers count/);
  const plain = all((v) => 255 * v);
  const mixed = [plain[0], shown[1], plain[2], shown[3]];
  assert.equal(classesOf(mixed), expected);
  assert.match(decide(mixed).remarks[0], /^Labels 1, 3 are displayed with 0 as white, unlike/);
  const deep = SCENES.map(({ ids }) =>
    typed(
      Uint16Array.from(ids, (v) => 65535 - v),
      65535,
    ),
  ).map((raw) => ({ ...raw, inverted: true }));
  assert.is(questionOf(deep)?.kind, "instances");
});

test("a label in the alpha channel raises a question; declared, it is read there", () => {
  const [constant, varied] = [0, 255].map((k) => new Uint8Array(4096).fill(k));
  const files = SCENES.map(({ cells }) => {
    const alpha = Uint8Array.from(cells, (v) => 255 * v);
    return grey([], { channels: 3, data: new Uint8Array(3 * 4096), alpha });
  });
  const question = questionOf(files);
  assert.is(question?.kind, "alpha");
  assert.match(question?.message ?? "", /^label 0\.png: .*--label-channel alpha/);
  assert.equal(classesOf(files, question?.answers[0].declaration), expected);
  // An alpha channel without information, or colours with information.
  const opaque = all((v) => 255 * v).map((raw) => ({ ...raw, alpha: varied }));
  assert.equal(classesOf(opaque), expected);
  const both = all((v) => v).map((raw, i) => ({ ...raw, alpha: files[i].alpha ?? constant }));
  assert.equal(classesOf(both), expected);
  assert.throws(
    () => decide([files[0], grey(SCENES[1].cells)], { labelChannel: "alpha" }),
    /label 1\.png: it has no alpha channel/,
  );
});

test("a label of other channels is refused by its name", () => {
  const two = grey(new Array(2 * 4096).fill(0), { channels: 2 });
  assert.throws(() => decide([two]), /^label 0\.png: it has 2 channels, expected 1 \(grey\) or 3/);
});

test.run();
