// Dropped labels: the app asks or reports how they are read, and reads further ones the same way.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { imageCodec } from "../../app/src/files/codec.js";
import { fileWork } from "../../app/src/files/work.js";
import { type ImportOptions, importFiles } from "../../app/src/images/import.js";
import { type AskedLabels, type LabelReply, partOf } from "../../app/src/images/label-question.js";
import { emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { unzipProject } from "../../app/src/storage/project-zip.js";
import { IGNORED, type RawImage } from "../../src/data/image-types.js";
import { readLabel } from "../../src/data/label-read.js";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";

const SIDE = 64;
const COUNT = SIDE * SIDE;
const empty = emptyProject("p", "p");

const grey = (data: ArrayLike<number>) =>
  encodePng({ width: SIDE, height: SIDE, channels: 1, bitDepth: 8, data });
const image = grey(Uint8Array.from({ length: COUNT }, (_, i) => i % 251));

/** Squares of 8 pixels, each with its number; four of them touch in pairs. */
function cells(first = 1): Uint16Array {
  const data = new Uint16Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const [column, row] = [Math.floor(x / 8), Math.floor(y / 8)];
    if (row % 2 === 0 && column % 4 < 2) data[i] = first + row * 8 + column;
  }
  return data;
}
const cellsTiff = (first?: number) =>
  encodeTiff({ width: SIDE, height: SIDE, channels: 1, maximum: 65535, data: cells(first) });
/** A disc whose edge is so many pixels wide. */
const disc = (edge: number, low = 0, high = 255) =>
  grey(
    Uint8Array.from({ length: COUNT }, (_, i) => {
      const distance = Math.hypot((i % SIDE) - 31.5, Math.floor(i / SIDE) - 31.5);
      const share = Math.min(1, Math.max(0, (20 - distance) / edge + 0.5));
      return Math.round(low + share * (high - low));
    }),
  );

async function drop(
  files: Record<string, Uint8Array>,
  project: Project = empty,
  options: ImportOptions = {},
) {
  const list = Object.entries(files).map(([path, bytes]) => {
    return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
  });
  return importFiles(project, list, fileWork, options);
}

/** Answers each question, and records it. */
function person(answer: (asked: AskedLabels) => LabelReply) {
  const asked: AskedLabels[] = [];
  const ask = async (question: AskedLabels) => {
    asked.push(structuredClone(question));
    return answer(question);
  };
  return { asked, ask };
}
const likely = ({ answers }: AskedLabels): LabelReply => {
  return { declared: answers[0].declaration };
};

const labelOf = ({ images }: Project, name: string) =>
  images.find((one) => one.name === name)?.label;

test("one number per cell is asked about once, and touching cells are separated", async () => {
  const { asked, ask } = person(likely);
  const files = {
    "images/a.png": image,
    "images/b.png": image,
    "labels/a.tif": cellsTiff(),
    "labels/b.tif": cellsTiff(300),
  };
  const { project, problems, remarks } = await drop(files, empty, { ask });
  assert.equal(problems, []);
  assert.is(asked.length, 1);
  const [{ kind, files: count, answers, part }] = asked;
  assert.equal([kind, count], ["instances", 2]);
  assert.equal(answers[0].declaration, { instances: true });
  const numbers = cells();
  for (const name of ["a", "b"]) {
    const label = labelOf(project, name);
    assert.is(label?.classes, 2);
    for (let i = 0; i < COUNT; i++) {
      // Between two numbers the larger one loses a pixel.
      const isBorder = i % SIDE > 0 && numbers[i - 1] > 0 && numbers[i] > numbers[i - 1];
      assert.is(label?.data[i], numbers[i] > 0 && !isBorder ? 1 : 0, `${name}, pixel ${i}`);
    }
  }
  assert.equal(
    project.classes.map(({ name }) => name),
    ["background", "cell"],
  );
  assert.match(remarks.join(" "), /one number per cell/);
  assert.not.match(remarks.join(" "), /--/);
  // The preview of the answer shows a part of the file.
  const decision = answers[0].decision;
  assert.ok(decision && readLabel(part, "part", decision).label.data.includes(1));

  const again = await drop({ "images/c.png": image, "labels/c.tif": cellsTiff(7) }, project, {
    ask,
  });
  assert.equal([asked.length, again.problems], [1, []]);
  assert.equal(labelOf(again.project, "c")?.data, labelOf(project, "a")?.data);
  const zip = await fileWork.packProject(again.project);
  const { project: opened } = await unzipProject(zip, "p.zip", imageCodec);
  assert.equal(opened.labelReading, again.project.labelReading);
  const later = await drop({ "images/d.png": image, "labels/d.tif": cellsTiff(7) }, opened, {
    ask,
  });
  assert.equal([asked.length, later.problems], [1, []]);
  assert.equal(labelOf(later.project, "d")?.data, labelOf(project, "a")?.data);
});

test("skipped labels are reported, and their images are imported", async () => {
  for (const leaveOut of ["file", "all"] as const) {
    const { asked, ask } = person(() => ({ leaveOut }));
    const files = {
      "a.png": image,
      "b.png": image,
      "a_mask.tif": cellsTiff(),
      "b_mask.tif": cellsTiff(),
    };
    const { project, problems } = await drop(files, empty, { ask });
    assert.is(asked.length, leaveOut === "all" ? 1 : 2);
    assert.equal(
      project.images.map(({ name, label }) => [name, label]),
      [
        ["a", undefined],
        ["b", undefined],
      ],
    );
    assert.equal(problems, [
      "a_mask.tif was skipped, as you chose.",
      "b_mask.tif was skipped, as you chose.",
    ]);
    assert.is(project.classes, empty.classes);
    assert.is(project.labelReading, undefined);
  }
});

test("numbers may be classes: the answer makes that many, and there is no second question", async () => {
  const { asked, ask } = person(({ answers }) => ({ declared: answers[1].declaration }));
  const numbers = [0, ...new Set(cells().filter(Boolean))];
  const data = cells().map((number) => numbers.indexOf(number));
  const label = grey(data);
  const files = { "a.png": image, "a_label.png": label };
  const { project, problems } = await drop(files, empty, { ask });
  const classes = 1 + Math.max(...data);
  assert.equal([asked.length, problems, project.classes.length], [1, [], classes]);
  assert.equal([...(labelOf(project, "a")?.data ?? [])], [...data]);
  const more = await drop({ "b.png": image, "b_label.png": label }, project, { ask });
  assert.equal([asked.length, more.problems], [1, []]);
});

test("soft edges are asked about, with the chosen threshold", async () => {
  const { asked, ask } = person(() => ({ declared: { labelThreshold: 200 } }));
  const files = { "a.png": image, "a_mask.png": disc(6) };
  const { project, problems } = await drop(files, empty, { ask });
  assert.equal([asked.map(({ kind }) => kind), problems], [["soft-edges"], []]);
  assert.equal(asked[0].range, [0, 255]);
  const label = labelOf(project, "a");
  const expected = await decoded(disc(6));
  assert.equal(
    [...(label?.data ?? [])],
    [...expected.data].map((value) => Number(value > 200)),
  );
});

const decoded = (bytes: Uint8Array) => imageCodec.decode(bytes, "x.png");

test("labels with only one class are reported", async () => {
  const nothing = grey(new Uint8Array(COUNT));
  const { project, remarks } = await drop({ "a.png": image, "a_mask.png": nothing });
  assert.ok(labelOf(project, "a"));
  assert.match(remarks.join(" "), /All pixels of these labels are background: check that they are/);
});

test("two values other than 0 and 255 are read and reported", async () => {
  const hundred = disc(1e-9, 0, 100);
  const { project, problems, remarks } = await drop({ "a.png": image, "a_mask.png": hundred });
  assert.equal(problems, []);
  assert.match(remarks.join(" "), /values 0 and 100: 0 is class 0, 100 is class 1/);
  assert.ok(labelOf(project, "a")?.data.includes(1));
});

test("numbers from 1 that were read as classes from 0 are read so in further labels", async () => {
  const stripes = (first: number, classes: number) =>
    grey(
      Uint8Array.from({ length: COUNT }, (_, i) => first + (Math.floor((i % SIDE) / 4) % classes)),
    );
  const one = await drop({ "a.png": image, "a_label.png": stripes(1, 3) });
  assert.equal(one.problems, []);
  assert.is(one.project.classes.length, 3);
  const alike = await drop({ "b.png": image, "b_label.png": stripes(2, 2) }, one.project);
  assert.equal(alike.problems, []);
  assert.equal([...new Set(labelOf(alike.project, "b")?.data)].sort(), [1, 2]);
  const other = await drop({ "b.png": image, "b_label.png": stripes(0, 3) }, one.project);
  assert.match(
    other.problems[0],
    /b_label\.png was skipped: 1 would be class 1 here, .* it is class 0/,
  );
  assert.is(labelOf(other.project, "b"), undefined);
});

test("a label that contradicts the others is skipped, and the others are imported", async () => {
  const nan = new Float32Array(COUNT).fill(NaN, 0, 9);
  const broken = encodeTiff({ width: SIDE, height: SIDE, channels: 1, maximum: 1, data: nan });
  const files = {
    "images/a.png": image,
    "images/b.png": image,
    "labels/a.png": disc(1e-9),
    "labels/b.tif": broken,
  };
  const { project, problems } = await drop(files);
  assert.match(problems[0], /labels\/b\.tif was skipped: it has 9 pixels of NaN, expected numbers/);
  assert.ok(labelOf(project, "a"));
  assert.is(labelOf(project, "b"), undefined);
});

test("255 next to class indices means unlabelled, and is reported", async () => {
  const data = Uint8Array.from({ length: COUNT }, (_, i) =>
    i < 900 ? IGNORED : Math.floor((i % SIDE) / 8) % 3,
  );
  const { project, problems, remarks } = await drop({ "a.png": image, "a_label.png": grey(data) });
  assert.equal(problems, []);
  assert.equal([...(labelOf(project, "a")?.data ?? [])], [...data]);
  assert.match(remarks.join(" "), /255 marks unlabelled pixels/);
});

test("numbers of one piece each, and 255, may be classes and unlabelled pixels", async () => {
  const { asked, ask } = person(({ answers }) => ({ declared: answers.at(-1)?.declaration ?? {} }));
  const data = Uint8Array.from({ length: COUNT }, (_, i) => (i < 2048 ? i >> 9 : IGNORED));
  const files = { "a.png": image, "a_label.png": grey(data) };
  const { project, problems } = await drop(files, empty, { ask });
  assert.equal([asked.length, problems, project.classes.length], [1, [], 4]);
  assert.equal([...(labelOf(project, "a")?.data ?? [])], [...data]);
});

test("the preview shows touching cells, at the scale of the file", () => {
  const [width, height] = [700, 500];
  const data = new Uint16Array(width * height);
  const fill = (left: number, top: number, value: number) => {
    for (let y = top; y < top + 20; y++) data.fill(value, y * width + left, y * width + left + 20);
  };
  fill(30, 30, 1);
  fill(600, 400, 2);
  fill(620, 400, 3);
  const raw: RawImage = { width, height, channels: 1, maximum: 65535, data };
  const part = partOf(raw);
  assert.equal([part.width, part.height], [144, 144]);
  assert.equal([...new Set(part.data)].sort(), [0, 2, 3]);
  const narrow = partOf({ ...raw, width: 50, height: 7000 });
  assert.equal([narrow.width, narrow.height, narrow.data.length], [50, 144, 50 * 144]);
});

test.run();
