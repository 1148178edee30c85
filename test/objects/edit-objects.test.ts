import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectedComponents } from "../../src/data/components.js";
import { random, randomInteger } from "../../src/data/random.js";
import { editObjects, type ObjectEdit, splitAlong } from "../../src/objects/edit-objects.js";
import { type ObjectLabels, objectLabels } from "../../src/objects/object-labels.js";
import { separateObjects } from "../../src/objects/separate-objects.js";
import { stitchObjects } from "../../src/objects/stitch-objects.js";
import { drawnLabels, randomLabels } from "./scenes.js";

/** As it is drawn: a row per line. */
function drawing({ width, height, data }: ObjectLabels): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)]
      .map((number) => (number === 0 ? "." : number.toString(36)))
      .join(""),
  );
}

const at = (x: number, y: number) => ({ x, y });
const merge = (one: ReturnType<typeof at>, other: ReturnType<typeof at>): ObjectEdit => {
  return { kind: "merge", points: [one, other] };
};
const remove = (x: number, y: number): ObjectEdit => ({ kind: "delete", points: [at(x, y)] });

/** Random shapes, each 4-connected piece an object: they touch each other, the edges and themselves. */
function pieces(width: number, height: number, seed: number): ObjectLabels {
  const { data } = randomLabels(width, height, 12, seed);
  return objectLabels(connectedComponents(data, width, height), width, height);
}

/** A random edit of these objects, as a user makes one. */
function randomEdit(labels: ObjectLabels, next: () => number): ObjectEdit | undefined {
  const { width, height } = labels;
  const place = () => at(randomInteger(next, width), randomInteger(next, height));
  const kind = randomInteger(next, 5);
  if (kind === 0) return { kind: "delete", points: [place()] };
  return kind < 3 ? merge(place(), place()) : splitAlong(labels, place(), place());
}

function areaOf(labels: ObjectLabels, number: number): number {
  return labels.data.reduce((sum, one) => sum + Number(one === number), 0);
}

/** Throws unless the objects are 4-connected and numbered by their first pixels. */
function checkContract(labels: ObjectLabels): void {
  const { labels: expected, count } = connectedComponents(labels.data, labels.width, labels.height);
  assert.is(labels.count, count);
  assert.equal(labels.data, expected);
}

const CELLS = drawnLabels(`
  111222..3333
  111222..3333
  111.....3333
  ...44...3333
  ...44.......`);

test("two cells that share an edge become one, without another pixel", () => {
  const { labels, skipped } = editObjects(CELLS, [merge(at(5, 0), at(0, 2))]);
  assert.equal(skipped, []);
  assert.equal(drawing(labels), [
    "111111..2222",
    "111111..2222",
    "111.....2222",
    "...33...2222",
    "...33.......",
  ]);
});

test("background between two merged cells is filled where they are nearest", () => {
  const { labels } = editObjects(CELLS, [merge(at(8, 3), at(4, 1))]);
  assert.equal(drawing(labels), [
    "111222222222",
    "111222222222",
    "111..2222222",
    "...33...2222",
    "...33.......",
  ]);
  checkContract(labels);
});

test("cells that touch at a corner become one piece", () => {
  const { labels, skipped } = editObjects(CELLS, [merge(at(0, 0), at(3, 4))]);
  assert.equal(skipped, []);
  checkContract(labels);
  assert.is(labels.count, 3);
});

test("cells are not merged across more than 8 pixels of background, or across another cell", () => {
  const far = drawnLabels("1.........2........3");
  assert.equal(editObjects(far, [merge(at(0, 0), at(10, 0))]).skipped, [
    { index: 0, reason: "too-far" },
  ]);
  assert.is(editObjects(far, [merge(at(19, 0), at(10, 0))]).labels.count, 2);
  const between = drawnLabels("1.2.3 1.2.3 1.2.3");
  const { labels, skipped } = editObjects(between, [merge(at(0, 1), at(4, 2))]);
  assert.equal(skipped, [{ index: 0, reason: "too-far" }]);
  assert.is(labels, between);
});

const NECK = drawnLabels(`
  .111.....111.22
  11111...1111122
  111111111111122
  11111...1111122
  .111.....111.22`);

test("a line across a neck makes two cells of one, wherever it begins and ends", () => {
  const lines = [
    [at(6, 0), at(6, 4)],
    [at(6, 4), at(6, 0)],
    [at(6, 2), at(6, 3)],
    [at(6, 1), at(6, 2)],
  ];
  for (const [from, to] of lines) {
    const edit = splitAlong(NECK, from, to);
    assert.ok(edit);
    const { labels, skipped } = editObjects(NECK, [edit]);
    assert.equal(skipped, []);
    checkContract(labels);
    assert.is(labels.count, 3);
    const [left, right] = [labels.data[2 * 15 + 5], labels.data[2 * 15 + 7]];
    assert.is.not(left, right);
    // The column under the line goes to one of both.
    assert.equal([areaOf(labels, left) + areaOf(labels, right)], [areaOf(NECK, 1)]);
    assert.ok(Math.abs(areaOf(labels, left) - areaOf(labels, right)) <= 1);
  }
});

test("the cell with most pixels under the line is cut, not one that the line only grazes", () => {
  const edit = splitAlong(NECK, at(1, 3), at(14, 3));
  assert.ok(edit);
  const { labels } = editObjects(NECK, [edit]);
  assert.is(labels.data[14], labels.data[4 * 15 + 14]);
  assert.is.not(labels.data[15 + 2], labels.data[4 * 15 + 2]);
});

test("a line through nothing, past a cell, or of no length splits nothing", () => {
  assert.is(splitAlong(NECK, at(6, 0), at(7, 0)), undefined);
  assert.is(splitAlong(NECK, at(2, 2), at(2, 2)), undefined);
  assert.is(splitAlong(drawnLabels("1"), at(0, 0), at(0, 0)), undefined);
  const ring = drawnLabels("11111 1...1 1...1 11111");
  assert.is(
    splitAlong(ring, at(4, 1), at(3, 1)),
    undefined,
    "a ring that is cut once is one piece",
  );
});

test("a split leaves exactly two cells: other pieces join the side that they touch", () => {
  const comb = drawnLabels(`
    1.1.111
    1.1.111
    1111111
    1111111`);
  const edit = splitAlong(comb, at(0, 1), at(6, 1));
  assert.ok(edit);
  const { labels } = editObjects(comb, [edit]);
  checkContract(labels);
  assert.is(labels.count, 2);
  assert.is(labels.data[0], labels.data[3 * 7]);
  assert.is.not(labels.data[6], labels.data[3 * 7 + 6]);
});

test("edits that no longer fit are skipped, each with its reason, and the others are made", () => {
  const cut = splitAlong(NECK, at(6, 0), at(6, 4)) as ObjectEdit;
  const merged = merge(at(2, 2), at(10, 2));
  const edits = [merged, cut, cut, remove(6, 0), remove(14, 0), remove(14, 0), merged, merged];
  const { labels, skipped } = editObjects(NECK, edits);
  assert.equal(skipped, [
    { index: 0, reason: "same-cell" },
    { index: 2, reason: "already-split" },
    { index: 3, reason: "no-cell" },
    { index: 5, reason: "no-cell" },
    { index: 7, reason: "same-cell" },
  ]);
  assert.is(labels.count, 1);
  const aside: ObjectEdit = {
    kind: "split",
    points: [at(1, 2), at(11, 2)],
    line: [at(0, 0), at(0, 1)],
  };
  assert.equal(editObjects(NECK, [aside]).skipped, [{ index: 0, reason: "not-divided" }]);
});

test("pixels outside of the image and unknown kinds are errors", () => {
  const expect = (edit: unknown, message: RegExp) =>
    assert.throws(() => editObjects(NECK, [remove(1, 1), edit as ObjectEdit]), message);
  expect(remove(15, 0), /edit 1 has the pixel x 15, y 0, expected whole numbers.*x below 15/);
  expect(remove(1, -1), /y -1/);
  expect(remove(0.5, 1), /x 0\.5/);
  expect({ kind: "grow", points: [] }, /edit 1 has the kind grow, expected merge, split or delete/);
  expect({ kind: "merge", points: [at(1, 1)] }, /edit 1 has 1 pixels as points, expected 2/);
  expect({ kind: "split", points: [at(1, 1), at(2, 2)] }, /edit 1 has undefined as line/);
  assert.throws(() => splitAlong(NECK, at(0, 0), at(0, 5)), /splitAlong has the pixel x 0, y 5/);
});

test("random edits of random shapes keep the contract, and only deleting loses pixels", () => {
  const size = fc.integer({ min: 1, max: 40 });
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1 }), (width, height, seed) => {
      const labels = pieces(width, height, seed);
      const next = random(seed);
      const edits: ObjectEdit[] = [];
      let before = labels;
      for (let i = 0; i < 8; i++) {
        const edit = randomEdit(before, next);
        if (!edit) continue;
        const { labels: now, skipped } = editObjects(before, [edit]);
        assert.ok(edit.kind !== "split" || skipped.length === 0);
        checkContract(now);
        const isGone = (index: number) => before.data[index] > 0 && now.data[index] === 0;
        const lost = now.data.reduce((sum, _, index) => sum + Number(isGone(index)), 0);
        const change = skipped.length > 0 ? 0 : { merge: -1, split: 1, delete: -1 }[edit.kind];
        assert.is(now.count, before.count + change);
        const [{ x, y }] = edit.points;
        const own = before.data[y * width + x];
        const isDeleted = edit.kind === "delete" && skipped.length === 0;
        assert.is(lost, isDeleted ? areaOf(before, own) : 0);
        const gained = now.data.some((number, index) => number > 0 && before.data[index] === 0);
        assert.ok(!gained || edit.kind === "merge");
        edits.push(edit);
        if (skipped.length === 0) kinds.set(edit.kind, (kinds.get(edit.kind) ?? 0) + 1);
        before = now;
      }
      // All at once they give the same, and one fewer takes the last one back.
      assert.equal(editObjects(labels, edits).labels.data, before.data);
      const last = edits.at(-1);
      if (!last) return;
      const undone = editObjects(labels, edits.slice(0, -1)).labels;
      assert.equal(editObjects(undone, [last]).labels.data, before.data);
    }),
    { seed: 1, numRuns: 300 },
  );
  for (const kind of ["merge", "split", "delete"]) assert.ok((kinds.get(kind) ?? 0) > 50, kind);
});

test("edits of a stitched image give the same as those of the whole image", () => {
  const { width, height, data } = randomLabels(90, 70, 30, 3);
  const cell = Float32Array.from(data, (number) => Number(number > 0));
  const whole = separateObjects({ width, height, cell });
  const stitcher = stitchObjects({ width, height });
  for (let y = 0; y < height; y += 20) {
    for (let x = 0; x < width; x += 25) {
      const area = { x, y, width: Math.min(25, width - x), height: Math.min(20, height - y) };
      const part = new Float32Array(area.width * area.height);
      for (let i = 0; i < part.length; i++) {
        part[i] = cell[(y + Math.floor(i / area.width)) * width + x + (i % area.width)];
      }
      stitcher.write(area, part);
    }
  }
  const next = random(5);
  const edits = Array.from({ length: 40 }, () => randomEdit(whole, next)).filter((one) => !!one);
  const edited = editObjects(whole, edits);
  assert.ok(edited.skipped.length < edits.length);
  assert.equal(editObjects(stitcher.objects(), edits), edited);
});

test("after a change of the separation, edits that still fit are applied again", () => {
  const two = drawnLabels("111222 111222 111222");
  const one = drawnLabels("111111 111111 111111");
  const cut = splitAlong(one, at(3, 0), at(3, 2)) as ObjectEdit;
  assert.equal(editObjects(one, [cut]).labels.count, 2);
  const { labels, skipped } = editObjects(two, [cut, remove(5, 1)]);
  assert.equal(skipped, [{ index: 0, reason: "already-split" }]);
  assert.equal(drawing(labels), ["111...", "111...", "111..."]);
});

test.run();
