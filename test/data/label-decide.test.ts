import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Colour, RawImage } from "../../src/data/image-types.js";
import { readLabel } from "../../src/data/label-read.js";
import {
  all,
  classesOf,
  decide,
  expected,
  grey,
  grey16,
  questionOf,
  rgb,
  rims,
  SCENES,
  scene,
  typed,
} from "./label-scenes.js";

test("two values are two classes, the smaller is class 0, at any depth", () => {
  const sets: [string, RawImage[]][] = [
    ["0 and 1", all((v) => v)],
    ["0 and 255", all((v) => 255 * v)],
    ["0 and 100", all((v) => 100 * v)],
    ["1 and 2", all((v) => v + 1)],
    ["0 and 2", all((v) => 2 * v)],
    ["7 and 9", all((v) => 7 + 2 * v)],
    ["0 and 65535", all((v) => 65535 * v, grey16)],
    ["0 and 255 of 16 bits", all((v) => 255 * v, grey16)],
    [
      "1 bit",
      all(
        (v) => v,
        (values) => grey(values, { maximum: 1 }),
      ),
    ],
    [
      "4 bits",
      all(
        (v) => 15 * v,
        (values) => grey(values, { maximum: 15 }),
      ),
    ],
    [
      "int32",
      all(
        (v) => v,
        (values) => typed(Int32Array.from(values), 2 ** 31 - 1),
      ),
    ],
    [
      "uint32",
      all(
        (v) => v * (2 ** 32 - 1),
        (values) => typed(Uint32Array.from(values), 2 ** 32 - 1),
      ),
    ],
    [
      "-1 and 1",
      all(
        (v) => 2 * v - 1,
        (values) => typed(Int8Array.from(values), 127),
      ),
    ],
    [
      "float 0 and 1",
      all(
        (v) => v,
        (values) => typed(Float32Array.from(values), 1),
      ),
    ],
    [
      "float 0 and 0.5",
      all(
        (v) => v / 2,
        (values) => typed(Float32Array.from(values), 1),
      ),
    ],
  ];
  for (const [name, files] of sets) {
    assert.equal(classesOf(files), expected, name);
    assert.equal(classesOf(files, { classes: 2 }), expected, `${name}, declared`);
  }
});

test("unusual values give a message, usual ones do not", () => {
  assert.equal(decide(all((v) => 255 * v)).remarks, [
    "Labels are black and white: 0 is class 0, white is class 1.",
  ]);
  assert.equal(decide(all((v) => v)).remarks, ["Labels hold class indices."]);
  assert.equal(decide(all((v) => v + 1)).remarks, [
    "Labels hold the values 1 and 2: 1 is class 0, 2 is class 1.",
  ]);
});

test("files of one value take their meaning from the others", () => {
  const [a, b] = all((v) => v + 1);
  const [ones, twos] = [1, 2].map((value) => grey(new Array(4096).fill(value)));
  const data = classesOf([a, b, ones, twos]);
  assert.equal(data.slice(2 * 4096, 3 * 4096), new Array(4096).fill(0));
  assert.equal(data.slice(3 * 4096), new Array(4096).fill(1));
  // All background, and all foreground.
  const [white, empty] = [255, 0].map((value) => grey(new Array(4096).fill(value)));
  const set = classesOf([all((v) => 255 * v)[0], empty, white]);
  assert.equal(set.slice(4096), [...new Array(4096).fill(0), ...new Array(4096).fill(1)]);
});

test("black and white is recognised file by file if white is written in different ways", () => {
  const [a] = all((v) => v);
  const b = all((v) => 255 * v)[1];
  const c = all((v) => 65535 * v, grey16)[2];
  const d = all(
    (v) => v,
    (values) => grey(values, { maximum: 1 }),
  )[3];
  assert.equal(classesOf([a, b, c, d]), expected);
  assert.equal(decide([a, b]).remarks, [
    "Labels 0 hold class indices.",
    "Labels 1 are black and white: 0 is class 0, white is class 1.",
  ]);
});

test("0 to K - 1 in several pieces are K classes; 1 to K give a message and are shifted to begin at 0", () => {
  const decision = decide(rims.map((values) => grey(values)));
  assert.equal([decision.classes, decision.numbers], [3, [[0], [1], [2]]]);
  assert.match(decision.remarks.join(), /class indices, detected automatically: 3 classes/);
  assert.equal(classesOf(rims.map((values) => grey(values))), rims.flat());
  const fromOne = rims.map((values) => grey16(values.map((v) => v + 1)));
  assert.equal(classesOf(fromOne), rims.flat());
  assert.match(decide(fromOne).remarks.join(), /from 1 on: 1 is class 0, 3 is class 2/);
  assert.equal(classesOf(fromOne, { classes: 3 }), rims.flat());
  const wide = rims.map((values) => typed(Int32Array.from(values), 2 ** 31 - 1));
  assert.equal(classesOf(wide), rims.flat());
  // A class may be absent from a file.
  const [first, ...others] = rims.map((values) => grey(values));
  assert.is(decide([grey(SCENES[0].cells), ...others]).classes, 3);
  assert.is(decide([first, grey(new Array(4096).fill(0))]).classes, 3);
});

test("up to 64 classes are found, more are only taken by a declaration", () => {
  const striped = (classes: number) => {
    const block = (i: number) => Math.floor((i % 64) / 4) + 16 * Math.floor(i / 128);
    const values = Array.from({ length: 4096 }, (_, i) => (block(i) * 7) % classes);
    return [grey(values), grey(values.toReversed())];
  };
  assert.is(decide(striped(64)).classes, 64);
  assert.is(questionOf(striped(65))?.kind, "instances");
  assert.is(decide(striped(65), { classes: 65 }).classes, 65);
  assert.is(decide(striped(255), { classes: 255 }).classes, 255);
});

const ids = SCENES.map((one) => one.ids);

test("one number per cell is never taken for classes, at any depth: both options are named", () => {
  const sets: [string, RawImage[]][] = [
    ["8 bits", ids.map((values) => grey(values))],
    ["16 bits", ids.map((values) => grey16(values))],
    ["32 bits", ids.map((values) => typed(Uint32Array.from(values), 2 ** 32 - 1))],
    ["floats", ids.map((values) => typed(Float32Array.from(values), 1))],
    ["gaps", ids.map((values) => grey(values.map((v) => 17 * v)))],
    [
      "numbers that continue in the next image",
      ids.map((values, i) => grey16(values.map((v) => v && v + 100 * i))),
    ],
    ["no background", ids.map((values) => grey(values.map((v) => v + 1)))],
    [
      "large numbers",
      ids.map((values) =>
        typed(
          Int32Array.from(values, (v) => v * 100003),
          2 ** 31 - 1,
        ),
      ),
    ],
    ["few cells", [3, 5, 6].map((seed) => grey(scene(seed, 2).ids))],
    ["RGB of equal channels", ids.map((values) => rgb(values.map((v): Colour => [v, v, v])))],
  ];
  for (const [name, files] of sets) {
    const question = questionOf(files);
    assert.is(question?.kind, "instances", name);
    assert.match(question?.message ?? "", /^label \d\.png: .*--instances.*--classes/, name);
    assert.equal(question?.answers[0].declaration, { instances: true }, name);
    assert.is(decide(files, { instances: true }).reading, "instances", name);
  }
  assert.equal(questionOf(sets[0][1])?.answers[1], {
    text: "The numbers are classes: 8 of them",
    option: "--classes 8",
    declaration: { classes: 8 },
  });
  assert.equal(classesOf(sets[0][1], { classes: 8 }), ids.flat());
});

test("a file that contradicts a declaration is an error with the file and the value", () => {
  const numbered = ids.map((values) => grey(values));
  assert.throws(
    () => decide(numbered, { classes: 2 }),
    /^label 0\.png: it has values such as \d \(\d+ pixels\).* expected only 0 and 255.*add --instances$/,
  );
  assert.throws(() => decide(numbered, { classes: 5 }), /0\.png: .* class indices 0 to 4 for 5/);
  assert.throws(
    () =>
      decide(
        rims.map((values) => grey(values)),
        { classes: 2 },
      ),
    /label 0\.png: it has values such as 2 \(/,
  );
  // The file that is neither 0 and 1 nor 0 and 255 is named, not the first one.
  const white = SCENES.map(({ cells }) => grey(cells.map((v) => 255 * v)));
  const odd = grey(SCENES[2].cells.map((v, i) => (i < 9 ? 77 : 255 * v)));
  assert.throws(
    () => decide([white[0], white[1], odd], { classes: 2 }),
    /^label 2\.png: it has values such as .*77 \(9 pixels\)/,
  );
  assert.throws(() => decide(numbered, { classes: 3, instances: true }), /it makes 2 classes/);
  assert.throws(() => decide(numbered, { classes: 3, labelThreshold: 2 }), /it makes 2 classes/);
  assert.throws(() => decide(numbered, { classes: 256 }), /got 256 classes/);
});

test("what is declared must be in the range that the option's row gives", () => {
  const says = (declared: object, message: RegExp) =>
    assert.throws(() => decide([grey([0, 1, 2])], declared), message);
  says({ labelThreshold: Number.NaN }, /labelThreshold must be a number from -\d+ to \d+, got NaN/);
  says({ labelThreshold: 2 ** 33 }, /labelThreshold must be .*, got 8589934592/);
  says({ ignore: 1.5 }, /ignore must be a whole number from -\d+ to \d+, got 1.5/);
  says({ labelChannel: "red" }, /labelChannel must be alpha, got "red"/);
});

test("the number of declared classes is kept if the files have one value only", () => {
  const zeros = all(() => 0);
  assert.is(decide(zeros, { classes: 3 }).classes, 3);
  assert.is(decide(zeros, { classNames: ["a", "b", "c"] }).classes, 3);
  assert.is(decide(zeros, { classColours: ["#000000", "#ff0000", "#00ff00"] }).classes, 3);
});

test("a value that may mark unlabelled pixels gives an error with the option, also with more than two classes", () => {
  const bordered = (values: readonly number[], mark: number) =>
    values.map((v, i) => (i % 64 > 0 && v !== values[i - 1] ? mark : v));
  const two = SCENES.map(({ cells }) => grey(bordered(cells, 255)));
  assert.throws(
    () => decide(two),
    /^label 0\.png: it has the value 255 \(\d+ pixels\), in thin lines .* 0 and 1: .*\(--ignore 255\)$/,
  );
  assert.throws(() => decide(two, { classes: 2 }), /name it as the ignored value \(--ignore 255\)/);
  const three = rims.map((values) => grey(bordered(values, 255)));
  assert.throws(() => decide(three), /the value 255 .* 0, 1 and 2: .*--ignore 255/);
  const fromOne = SCENES.map(({ cells }) =>
    grey(
      bordered(
        cells.map((v) => v + 1),
        255,
      ),
    ),
  );
  assert.throws(() => decide(fromOne), /1 and 2: .*--ignore 255/);
  const deep = SCENES.map(({ cells }) => grey16(bordered(cells, 65535)));
  assert.throws(() => decide(deep), /--ignore 65535/);
  const negative = SCENES.map(({ cells }) => typed(Int16Array.from(bordered(cells, -1)), 32767));
  assert.throws(() => decide(negative), /the value -1 .*--ignore -1/);
  for (const [files, ignore] of [
    [two, 255],
    [three, 255],
    [deep, 65535],
    [negative, -1],
  ] as const) {
    const data = classesOf(files, { ignore });
    const kept = files === three ? rims : SCENES.map(({ cells }) => cells);
    assert.equal(
      data,
      kept.flatMap((values) => bordered(values, 255)),
      `ignored ${ignore}`,
    );
  }
  // In a single file, 255 as in the others.
  assert.throws(
    () => decide([grey(SCENES[0].cells), two[1]]),
    /label 1\.png: it has the value 255/,
  );
});

test("greys far apart in several pieces raise a question that names every way to read them", () => {
  const steps = rims.map((values) => grey(values.map((v) => [0, 127, 254][v])));
  const question = questionOf(steps);
  assert.is(question?.kind, "grey-levels");
  for (const option of ["--class-colours", "--instances", "--classes"]) {
    assert.match(question?.message ?? "", option);
  }
  const colours = question?.answers.find(({ declaration }) => declaration.classColours);
  assert.equal(colours?.declaration.classColours, ["#000000", "#7f7f7f", "#fefefe"]);
  assert.equal(classesOf(steps, colours?.declaration), rims.flat());
});

test("numbers that are no classes are refused: fractions, negative ones, NaN", () => {
  const three = (values: number[]) =>
    rims.map((one) =>
      typed(
        Float32Array.from(one, (v) => values[v]),
        1,
      ),
    );
  assert.throws(() => decide(three([0, 0.25, 1])), /0\.png: it has values such as 0\.25 /);
  assert.throws(() => decide(three([0, -3, 1])), /0\.png: it has the value -3 /);
  assert.throws(() => decide(three([0, 1, Number.NaN])), /0\.png: it has \d+ pixels of NaN/);
  assert.equal(classesOf(three([0, 1, 2])), rims.flat());
});

test("a decision reads files that were not there when it was made, or names what they hold", () => {
  const decision = decide(all((v) => 100 * v));
  const other = scene(9);
  const { label } = readLabel(grey(other.cells.map((v) => 100 * v)), "new.png", decision);
  assert.equal([...label.data], other.cells);
  assert.throws(
    () => readLabel(grey(other.cells.map((v) => 255 * v)), "new.png", decision),
    /^label new\.png: it has values such as 255 \(/,
  );
});

test.run();
