// What a run is validated on.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { heldOut, MOST_CHECKED } from "../../app/src/engine/held-out.js";
import type { LabelledImage } from "../../app/src/engine/messages.js";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { beginStroke } from "../../app/src/label/stroke.js";
import { emptyLabel, emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { IGNORED } from "../../src/data/image-types.js";
import { encodePng } from "../../src/formats/png/png.js";

const image = (name: string, side: number): LabelledImage => {
  const raw = { width: side, height: side, channels: 1, maximum: 255, data: new Uint8Array(0) };
  return { name, raw, label: emptyLabel(raw, 3) };
};

/** The image with strokes across it: class, row. */
function painted(name: string, side: number, strokes: readonly [number, number][]): LabelledImage {
  let one = image(name, side);
  for (const [classIndex, y] of strokes) {
    const stroke = beginStroke(name, one.label, { tool: "brush", classIndex, radius: 3 });
    stroke.to({ x: side * 0.2, y });
    stroke.to({ x: side * 0.7, y: y + side * 0.1 });
    one = { ...one, label: stroke.end()?.label ?? one.label };
  }
  return one;
}

const labelledOf = ({ label }: LabelledImage) =>
  label.data.reduce((count, value) => count + Number(value !== IGNORED), 0);
const classesOf = (images: readonly LabelledImage[]) =>
  [...new Set(images.flatMap(({ label }) => [...label.data]))]
    .filter((one) => one !== IGNORED)
    .sort();

const STROKES: readonly [number, number][] = [
  [0, 20],
  [1, 60],
];

test("about a fifth of painted labels is held out, of every class, and no pixel is in both parts", () => {
  const cases: LabelledImage[][] = [
    [painted("a", 256, STROKES)],
    [painted("a", 128, STROKES)],
    [painted("a", 256, [...STROKES, [2, 150]]), painted("b", 300, [[1, 30]])],
    Array.from({ length: 9 }, (_, i) => painted(String(i), 200, STROKES)),
    [
      {
        ...image("full", 200),
        label: {
          ...image("full", 200).label,
          data: new Uint8Array(200 * 200).map((_, i) => Number(i % 200 > 90)),
        },
      },
    ],
  ];
  for (const all of cases) {
    const { training, validation, about } = heldOut({
      training: all,
      validation: [],
      keepsPatches: true,
    });
    const [before, held] = [all, validation].map((list) =>
      list.reduce((sum, one) => sum + labelledOf(one), 0),
    );
    const asked = all.length > MOST_CHECKED ? (before * MOST_CHECKED) / all.length : before;
    assert.ok(held > 0.08 * asked && held < 0.4 * asked, `${held} of ${before}`);
    assert.equal([about.pixels, about.patches, about.images], [held, true, all.length]);
    assert.ok(validation.length <= MOST_CHECKED);
    assert.equal(classesOf(training), classesOf(all));
    assert.equal(classesOf(validation), classesOf(all));
    for (const [i, one] of all.entries()) {
      const checked = validation.find(({ name }) => name === one.name)?.label.data;
      const learnt = training[i].label.data;
      one.label.data.forEach((value, pixel) => {
        const parts = [learnt[pixel], checked?.[pixel] ?? IGNORED];
        assert.ok(parts.includes(IGNORED), "a pixel is in both");
        assert.is(Math.min(...parts), value, "a pixel is lost");
      });
    }
    const again = heldOut({ training: all, validation: [], keepsPatches: true });
    assert.equal(again.about, about, "another run holds the same out");
  }
});

test("held-out images are the only validation; without them or enough strokes there is none", () => {
  const [a, b] = [painted("a", 128, STROKES), painted("b", 128, STROKES)];
  const byImage = heldOut({ training: [a], validation: [b], keepsPatches: true });
  assert.equal([byImage.training, byImage.validation], [[a], [b]]);
  assert.equal(byImage.about, { images: 1, validation: ["b"], pixels: labelledOf(b) });
  const chosen = heldOut({ training: [a, b], validation: [], keepsPatches: false });
  assert.equal([chosen.training, chosen.about.pixels], [[a, b], 0]);
  const dots = image("dots", 64);
  dots.label.data.set([0, 1]);
  const little = heldOut({ training: [dots], validation: [], keepsPatches: true });
  assert.equal([little.training, little.about.pixels], [[dots], 0]);
});

const [WIDTH, HEIGHT] = [8, 6];
const file = (path: string, value: number) => {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(value, 5);
  const bytes = encodePng({ width: WIDTH, height: HEIGHT, channels: 1, bitDepth: 8, data });
  return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
};
const pair = (name: string) => [file(`${name}.png`, 9), file(`${name}_mask.png`, 255)];
const roles = ({ images }: Project) => images.map(({ role }) => role === "validation");

test("adding labels does not change which images are held out", async () => {
  const empty = emptyProject("p", "p");
  const names = ["he1", "he2"].flatMap(pair);
  const { project: two } = await importFiles(empty, names, fileWork);
  assert.equal(roles(two), [false, true]);
  const swapped: Project = {
    ...two,
    images: two.images.map((one, i) => ({ ...one, role: i === 0 ? "validation" : "training" })),
  };
  const { project: three } = await importFiles(swapped, pair("he3"), fileWork);
  assert.equal(roles(three), [true, false, false]);
  // Two of ten images are held out: one of the new ones.
  const more = ["h4", "h5", "h6", "h7", "h8", "h9", "i0"].flatMap(pair);
  const { project: ten } = await importFiles(three, more, fileWork);
  const held = ten.images.filter(({ role }) => role === "validation").map(({ name }) => name);
  assert.equal(held.sort(), ["he1", "i0"]);
  const none: Project = { ...two, images: two.images.map((one) => ({ ...one, role: "training" })) };
  const { project: still } = await importFiles(none, pair("he3"), fileWork);
  assert.equal(roles(still), [false, false, false]);
});

test.run();
