// Which dropped label belongs to which image.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { encodePng } from "../../src/formats/png/png.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { readBack } from "./memory-storage.js";

const SIDE = 16;
const grey = (data: ArrayLike<number>) =>
  encodePng({ width: SIDE, height: SIDE, channels: 1, bitDepth: 8, data });
/** An image with a mark, and a label with `mark` pixels of class 1, to recognise them by. */
const image = (mark: number) => grey(new Uint8Array(SIDE * SIDE).fill(mark, 9));
const label = (mark: number) => grey(new Uint8Array(SIDE * SIDE).fill(255, 0, mark));

const empty = emptyProject("p", "p");

async function drop(files: Record<string, Uint8Array>, project: Project = empty) {
  const list = Object.entries(files).map(([path, bytes]) => {
    return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
  });
  return importFiles(project, list, fileWork);
}

/** For each image: its name, its mark, and the mark of its label. */
const seen = ({ images }: Project) =>
  images.map(({ name, raw, label }) => [name, raw.data[20], label?.data.filter(Boolean).length]);

test("labels of one folder are never paired with images of another", async () => {
  const before = await drop({ "a-new/0.png": image(1), "a-new/1.png": image(2) });
  const files = {
    "train/image/0.png": image(3),
    "train/image/1.png": image(4),
    "train/label/0.png": label(30),
    "train/label/1.png": label(40),
    "train/label/2.png": label(50),
  };
  const { project, problems } = await drop(files, before.project);
  assert.equal(seen(project), [
    ["0", 1, undefined],
    ["1", 2, undefined],
    ["train-0", 3, 30],
    ["train-1", 4, 40],
  ]);
  assert.equal(problems.length, 1);
  assert.match(problems[0], /^train\/label: 1 label has no image and is left out \(2\.png\)/);
  const alone = await drop({ "train/label/0.png": label(30) }, before.project);
  assert.equal(seen(alone.project), seen(before.project));
  assert.match(alone.problems[0], /no image has a label/);
});

test("labels that are dropped later pair with the images of their folder, also after a reload", async () => {
  const { project } = await drop({
    "plate/images/a.png": image(1),
    "other/images/a.png": image(2),
  });
  const again = await readBack(project);
  const later = await drop({ "plate/labels/a.png": label(70) }, again);
  assert.equal(later.problems, []);
  assert.equal(seen(later.project), [
    ["other-a", 2, undefined],
    ["plate-a", 1, 70],
  ]);
});

test("a file without a folder is a label of the one image of any folder that fits", async () => {
  const { project } = await drop({ "x/a.png": image(1), "x/b.png": image(2), "y/b.png": image(3) });
  const one = await drop({ "a_mask.png": label(9) }, project);
  assert.equal([one.problems, seen(one.project)[0]], [[], ["x-a", 1, 9]]);
  const two = await drop({ "b_mask.png": label(9) }, project);
  assert.match(two.problems[0], /both fit b_mask\.png/);
  assert.equal(seen(two.project), seen(project));
});

test("names pair whatever their case and accents, and differences are reported", async () => {
  const names: readonly [string, string][] = [
    ["n1.png", "n1_cp_masks.png"],
    ["image_1.png", "label_1.png"],
    ["Zelle\u0308.png", "zell\u00eb_mask.png"],
    ["B.PNG", "b_seg.png"],
    ["images/c.png", "Labels/C.png"],
    ["imagesTr/case.png", "labelsTr/case.png"],
  ];
  for (const [one, other] of names) {
    const { project, problems } = await drop({ [one]: image(1), [other]: label(5) });
    assert.equal([seen(project).map((all) => all[2]), problems], [[5], []], `${one} and ${other}`);
  }
});

test("channels in separate files make one image", async () => {
  const files = {
    "imagesTr/case_0000.png": image(1),
    "imagesTr/case_0001.png": image(2),
    "labelsTr/case.png": label(5),
  };
  const { project, problems, remarks } = await drop(files);
  assert.equal(problems, []);
  assert.equal(seen(project), [["case", 1, 5]]);
  assert.is(project.images[0].raw.channels, 2);
  assert.is(project.images[0].raw.data[SIDE * SIDE + 20], 2);
  assert.match(remarks[0], /are the 2 channels of one image, case/);
  const lacking = await drop({ ...files, "imagesTr/other_0000.png": image(3) });
  assert.match(
    lacking.problems[0],
    /other_0000\.png was skipped: the image other has the channels 0000, expected/,
  );
});

test("the same file twice is reported; another file of the same name is imported", async () => {
  const first = await drop({ "images/0.png": image(1), "labels/0.png": label(10) });
  const twice = await drop({ "images/0.png": image(1) }, first.project);
  assert.match(
    twice.problems[0],
    /images\/0\.png was skipped: the project already contains this image/,
  );
  const other = { "images/0.png": image(2), "labels/0.png": label(20) };
  const { project, problems } = await drop(other, first.project);
  assert.equal(problems, []);
  assert.equal(seen(project), [
    ["0", 1, 10],
    ["0-2", 2, 20],
  ]);
});

test("images of one name in different folders are named by their folders, in any order", async () => {
  const loose = await drop({ "0.png": image(1) });
  const folder = await drop({ "image/0.png": image(2) }, loose.project);
  const both = await drop({ "set/image/0.png": image(3) }, folder.project);
  assert.equal(
    both.project.images.map(({ name, raw }) => [name, raw.data[20]]),
    [
      ["0", 1],
      ["image-0", 2],
      ["set-0", 3],
    ],
  );
  const files = {
    "test/0.png": image(4),
    "set/image/0.png": image(5),
    "set/label/0.png": label(50),
  };
  assert.equal(seen((await drop(files)).project), [
    ["set-0", 5, 50],
    ["test-0", 4, undefined],
  ]);
});

test("loose files named like images are images, and a message says how to add labels", async () => {
  const first = await drop({ "0.png": image(1), "1.png": image(2) });
  const second = await drop({ "0.png": label(9), "1.png": label(8) }, first.project);
  assert.equal(
    second.project.images.map(({ name }) => name),
    ["0", "0-2", "1", "1-2"],
  );
  assert.equal(second.remarks.length, 1);
  assert.match(second.remarks[0], /^0\.png and 1 more: an image of that name exists already/);
});

test("a label that fits two images of one path is reported with both", async () => {
  const first = await drop({ "image/0.png": image(1) });
  const second = await drop({ "image/0.png": image(2) }, first.project);
  const { project, problems } = await drop({ "label/0.png": label(9) }, second.project);
  assert.equal(seen(project), seen(second.project));
  assert.match(problems[0], /0\.png \(0\) and image\/0\.png \(0-2\) both fit label\/0\.png/);
});

test("a label that only its name matched is reported, and so is one that replaces another", async () => {
  const { project } = await drop({ "0.png": image(1) });
  const later = await drop({ "label/0.png": label(9) }, project);
  assert.equal(seen(later.project), [["0", 1, 9]]);
  assert.match(
    later.remarks.join(),
    /Matched by name only: the label label\/0\.png with the image 0\./,
  );
  const again = await drop({ "0_mask.png": label(8) }, later.project);
  assert.equal(seen(again.project), [["0", 1, 8]]);
  assert.match(String(again.remarks.at(-1)), /^1 label replaced by files\. Undo in Label/);
});

test("an image that lacks a channel is skipped, and the others of its folder are imported", async () => {
  const pair = (name: string, mark: number) => ({
    [`imagesTr/${name}_0000.png`]: image(mark),
    [`imagesTr/${name}_0001.png`]: image(mark),
  });
  const files = { ...pair("a", 1), "imagesTr/b_0001.png": image(2), ...pair("c", 3) };
  const { project, problems } = await drop(files);
  assert.equal(
    project.images.map(({ name, raw }) => [name, raw.channels]),
    [
      ["a", 2],
      ["c", 2],
    ],
  );
  assert.equal(problems.length, 1);
  assert.match(
    problems[0],
    /^imagesTr\/b_0001\.png was skipped: the image b has the channels 0001/,
  );
});

test("pages of a stack are paired with single files by their numbers", async () => {
  const page = (mark: number) => ({
    width: SIDE,
    height: SIDE,
    samples: [...decodeMark(mark)],
    bits: 8 as const,
  });
  const { project, problems } = await drop({
    "images/vol.tif": tiffFile([page(1), page(2)]),
    "labels/vol-0.png": label(11),
    "labels/vol-1.png": label(12),
  });
  assert.equal(problems, []);
  assert.equal(seen(project), [
    ["vol-0", 1, 11],
    ["vol-1", 2, 12],
  ]);
});

const decodeMark = (mark: number) => new Uint8Array(SIDE * SIDE).fill(mark);

test("only masks of single cells are refused, with advice", async () => {
  const { project, problems } = await drop({
    "images/a.png": image(1),
    "labels/a_1.png": label(1),
    "labels/a_2.png": label(2),
    "plate/images/b.png": image(2),
    "plate/labels/b.png": label(30),
  });
  assert.match(problems[0], /looks like the mask of one cell of images\/a\.png/);
  assert.equal(seen(project), [
    ["a", 1, undefined],
    ["plate-b", 2, 30],
  ]);
});

test.run();
