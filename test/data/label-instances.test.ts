import { test } from "uvu";
import * as assert from "uvu/assert";
import { classCounts } from "../../src/data/class-counts.js";
import { connectedComponents } from "../../src/data/components.js";
import { type Colour, IGNORED, type RawImage } from "../../src/data/image-types.js";
import { missingClasses } from "../../src/data/label-missing.js";
import { readLabel } from "../../src/data/label-read.js";
import { decide, grey, palette, rgb, SCENES, scene } from "./label-scenes.js";

const row = (values: number[], more: Partial<RawImage> = {}): RawImage => ({
  ...{ width: values.length, height: 1, channels: 1, maximum: 255 },
  ...{ data: Uint8Array.from(values), ...more },
});

function read(raw: RawImage, ignore?: number | string) {
  const decision = decide([raw], { instances: true, ignore });
  const { label, remarks } = readLabel(raw, "a.png", decision);
  assert.is(label.classes, 2);
  return { data: [...label.data], remarks };
}

test("pixels next to a cell of a smaller number are class 0, the others of a cell class 1", () => {
  assert.equal(read(row([0, 5, 5, 2, 2, 0, 7, 7])).data, [0, 1, 0, 1, 1, 0, 1, 1]);
  assert.equal(read(row([0, 2, 2, 5, 5, 0, 0, 0])).data, [0, 1, 1, 0, 1, 0, 0, 0]);
  // Above and below, but not across corners, nor from one end of a row to the next.
  const square = { ...row([1, 1, 3, 3, 1, 1, 3, 3, 2, 2, 0, 4]), width: 4, height: 3 };
  assert.equal(read(square).data, [1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0]);
});

test("a cell of which nothing remains gives a message with its number and file", () => {
  const { data, remarks } = read(row([0, 1, 2, 1, 0, 3, 3]));
  assert.equal(data, [0, 1, 0, 1, 0, 1, 1]);
  assert.equal(remarks.length, 1);
  assert.match(
    remarks[0],
    /^label a\.png: cell 2 is nothing but border to cells of smaller numbers/,
  );
  assert.match(read(row([1, 2, 1, 3, 1])).remarks[0], /cells 2, 3 are nothing but border/);
});

test("numbers above 65535 and of 32 bits are exact", () => {
  // As floats of 32 bits the two would be the same number.
  const [a, b] = [2 ** 31 + 1, 2 ** 31 + 2];
  const wide = row([], {
    width: 6,
    data: Uint32Array.of(a, a, b, b, 0, 70000),
    maximum: 2 ** 32 - 1,
  });
  assert.equal(read(wide).data, [1, 1, 0, 1, 0, 1]);
});

test("what is ignored belongs to no cell and makes no border", () => {
  assert.equal(read(row([3, 3, 9, 1, 1]), 9).data, [1, 1, IGNORED, 1, 1]);
  const colours: Colour[] = [
    [0, 0, 0],
    [10, 20, 30],
    [255, 0, 255],
  ];
  const { data } = read({ ...palette([0, 1, 1, 2, 2], colours), width: 5, height: 1 }, "#ff00ff");
  assert.equal(data, [0, 1, 1, IGNORED, IGNORED]);
});

test("as many components are left as there were cells, wherever they touch", () => {
  for (const { ids } of [...SCENES, scene(11, 20)]) {
    const { data } = read(grey(ids));
    const { labels, count } = connectedComponents(Uint8Array.from(data), 64, 64);
    const of = new Map<number, Set<number>>();
    for (const [pixel, component] of labels.entries()) {
      if (component > 0) of.set(component, (of.get(component) ?? new Set()).add(ids[pixel]));
    }
    assert.ok(
      [...of.values()].every((numbers) => numbers.size === 1),
      "no component is two cells",
    );
    assert.ok(count >= new Set(ids).size - 1);
  }
});

test("an RGB picture of one colour per cell is read by its colours", () => {
  const colours = [
    [0, 0, 0],
    [200, 10, 10],
    [10, 200, 10],
    [10, 10, 200],
  ] as Colour[];
  const raw = { ...rgb([0, 1, 1, 2, 2, 0, 3, 3].map((i) => colours[i])), width: 8, height: 1 };
  const { data } = read(raw);
  assert.equal(
    data,
    [0, 0, 0, 0, 0, 0, 0, 0].map((_, i) => [0, 1, 0, 1, 1, 0, 1, 1][i]),
  );
});

test("labels from which nothing can be learned give the class without a pixel, and what to check", () => {
  const map = (values: number[], classes = 2) =>
    classCounts({ width: values.length, height: 1, classes, data: Uint8Array.from(values) });
  const decision = decide([row([0, 0])]);
  assert.is(missingClasses([map([0, 1]), map([0, 0])], decision), undefined);
  assert.match(
    missingClasses([map([0, 0]), map([0, IGNORED])], decision) ?? "",
    /^the 2 labels to train on have no pixel of class 1 \(cell\).*right folder.*--label-threshold/,
  );
  assert.match(
    missingClasses([map([0, 0])], decision, [map([0, 1])]) ?? "",
    /the held-out images have some: choose others by --validation/,
  );
  const three = decide([row([0, 1, 2])], { classes: 3 });
  assert.match(
    missingClasses([map([0, 2], 3)], three, [], ["a", "b", "c"]) ?? "",
    /no pixel of class 1 \(b\)/,
  );
  assert.match(
    missingClasses([map([IGNORED])], three) ?? "",
    /no pixel of classes 0, 1, 2, .* all of their pixels are ignored/,
  );
});

test.run();
