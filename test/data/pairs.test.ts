import { test } from "uvu";
import * as assert from "uvu/assert";
import { joinChannelFiles } from "../../src/data/channel-files.js";
import { type PairableFile, pairFiles } from "../../src/data/match-names.js";
import { gatheredRemarks, naturalOrder, stemOf } from "../../src/data/pairs.js";
import { sortPaths } from "../../src/data/sort-paths.js";
import { tellUnpaired } from "../../src/data/unpaired.js";
import { messageOf } from "../errors.js";

const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

/** Sorts and pairs files like all callers do; `pages`: the page counts of stacks. */
function pairing(paths: readonly string[], pages: Record<string, number> = {}) {
  const sorted = sortPaths(paths);
  const withStem = (file: { path: string; group: string }) => {
    return { ...file, stem: stemOf(file.path) };
  };
  const labels = sorted.labels.map(withStem);
  const joined = joinChannelFiles(sorted.images.map(withStem), labels);
  const withPages = (files: readonly ReturnType<typeof withStem>[]): PairableFile[] =>
    files.map((file) => ({ ...file, pages: pages[file.path] ?? 1 }));
  const [ours, theirs] = [withPages(joined.images), withPages(labels)];
  const found = pairFiles(ours, theirs);
  return {
    pairs: found.pairs.map(({ name, image, label }) => [name, image.path, label.path]),
    channels: found.pairs.map(({ image }) => image.channelFiles),
    pages: found.pairs.map(({ image, label }) => [image.page, label.page]),
    remarks: [...joined.remarks, ...found.remarks],
    warnings: () => tellUnpaired(found, ours, theirs),
    passedOver: sorted.passedOver,
  };
}

test("names are in the order of people: 2 before 10", () => {
  const sorted = ["b1", "10", "a10", "2", "a2", "01", "1", "a"].sort(naturalOrder);
  assert.equal(sorted, ["1", "01", "2", "10", "a", "a2", "a10", "b1"]);
});

test("the stem leaves folders and the extension off, .ome.tif as a whole", () => {
  const files = [
    "a.png",
    "d/a.b.png",
    "a",
    ".png",
    "c.ome.tif",
    "c.OME.TIFF",
    "c.ome.txt",
    ".ome.tif",
  ];
  assert.equal(files.map(stemOf), ["a", "a.b", "a", ".png", "c", "c", "c.ome", ".ome"]);
});

test("files pair by name, in the order of people", () => {
  const { pairs, remarks } = pairing([
    ...["images/10.png", "images/2.PNG"],
    ...["labels/2.png", "labels/10.png"],
  ]);
  assert.equal(pairs, [
    ["2", "images/2.PNG", "labels/2.png"],
    ["10", "images/10.png", "labels/10.png"],
  ]);
  assert.equal(remarks, []);
});

test("names pair whatever their case, and however their letters are composed", () => {
  const composed = "Zelle \u00e4.png";
  const { pairs } = pairing([
    ...["images/IMG_1.PNG", `images/${composed}`],
    ...["labels/img_1.png", `labels/${composed.normalize("NFD")}`],
  ]);
  assert.equal(
    pairs.map(([name]) => name),
    ["IMG_1", "Zelle \u00e4"],
  );
});

test("words that mark images and labels may be at both ends", () => {
  const pairsWith = (image: string, label: string) => {
    const { pairs } = pairing([`images/${image}`, `labels/${label}`]);
    assert.equal(pairs, [[stemOf(image), `images/${image}`, `labels/${label}`]], label);
  };
  const words = ["mask", "masks", "seg", "label", "labels", "cp_masks", "gt", "annotation"];
  for (const word of [...words, "GT", "Simple Segmentation", "ground_truth", "segmentation"]) {
    for (const between of ["_", "-", ".", " "]) {
      pairsWith("cell1.tif", `cell1${between}${word}.png`);
    }
  }
  pairsWith("image_1.png", "label_1.png");
  pairsWith("img1.png", "mask1.png");
  pairsWith("img_1.png", "1_seg.png");
  pairsWith("img_1.png", "img_1_mask.png");
  pairsWith("cell1_raw.tif", "cell1_mask.tif");
  pairsWith("cell1_img.tif", "CELL1-Mask.tif");
  pairsWith("cell1.ome.tif", "cell1_labels.ome.tiff");
  pairsWith("cell1.tif", "cell1.tif_mask.png");
  pairsWith("cell1.tif", "cell1.tif.png");
  pairsWith("image.png", "mask.png");
  pairsWith("1.3.6.1.4.7.png", "1.3.6.1.4.7_mask.png");
});

test("numbers with different leading zeros pair if only one fits, with a message", () => {
  const { pairs, remarks } = pairing(["images/cell7.png", "labels/cell007.png"]);
  assert.equal(pairs, [["cell7", "images/cell7.png", "labels/cell007.png"]]);
  assert.equal(remarks, [
    "Paired by their numbers, which have different leading zeros: images/cell7.png with " +
      "labels/cell007.png.",
  ]);
  const two = ["images/7.png", "images/07.png", "images/1.png"];
  const { pairs: one, warnings } = pairing([...two, "labels/007.png", "labels/1.png"]);
  assert.equal(
    one.map(([name]) => name),
    ["1"],
  );
  assert.match(warnings()[0], /^images: 2 images have no label and are left out \(7.png, 07.png\)/);
  // 10 and 100 are other numbers.
  assert.equal(
    pairing(["images/10.png", "images/1.png", "labels/100.png", "labels/1.png"]).pairs.length,
    1,
  );
});

test("equal names win over those that are nearly equal", () => {
  const { pairs, warnings } = pairing([
    ...["images/a.png", "images/a_raw.png", "images/seg_1.png"],
    ...["labels/a.png", "labels/a_mask.png", "labels/seg_1.png", "labels/1.png"],
  ]);
  assert.equal(pairs.slice(0, 1), [["a", "images/a.png", "labels/a.png"]]);
  assert.equal(pairs[1], ["a_raw", "images/a_raw.png", "labels/a_mask.png"]);
  assert.equal(pairs[2], ["seg_1", "images/seg_1.png", "labels/seg_1.png"]);
  assert.equal(warnings(), ["labels: 1 label has no image and is left out (1.png)."]);
});

test("two that fit one are an error that names both", () => {
  assert.is(
    messageOf(() => pairing(["images/a.png", "images/a.tif", "labels/a.png"])),
    "images/a.png and images/a.tif both fit labels/a.png, expected one image of its name: rename " +
      "one, or take it out of the folder",
  );
  assert.throws(
    () => pairing(["images/a.png", "labels/a_mask.png", "labels/a_seg.png"]),
    /labels\/a_mask.png and labels\/a_seg.png both fit images\/a.png, expected one label/,
  );
});

test("pairs are made within sets: neighbouring folders, in any case and with any name of theirs", () => {
  const both = (images: string, labels: string) => [`${images}/0.png`, `${labels}/0.png`];
  for (const [images, labels] of [
    ["Images", "Labels"],
    ["train/image", "train/label"],
    ["images/train", "labels/train"],
    ["imagesTr", "labelsTr"],
    ["img", "GT"],
    ["raw", "ground_truth"],
    ["train_images", "train_masks"],
    ["raw_data", "annotations"],
    ["set/x", "set/x/masks"],
  ]) {
    assert.equal(pairing(both(images, labels)).pairs, [
      ["0", `${images}/0.png`, `${labels}/0.png`],
    ]);
  }
  const { pairs } = pairing([...both("a/images", "a/labels"), ...both("b/images", "b/labels")]);
  assert.equal(pairs, [
    ["a-0", "a/images/0.png", "a/labels/0.png"],
    ["b-0", "b/images/0.png", "b/labels/0.png"],
  ]);
  const across = pairing([...both("c/images", "c/labels"), "a/images/1.png", "b/labels/1.png"]);
  assert.equal(across.pairs.length, 1);
  assert.equal(across.warnings(), [
    "a/images: 1 image has no label and is left out (1.png): no folder of labels is next to it, and " +
      "only neighbouring folders are paired.",
    "b/labels: 1 label has no image and is left out (1.png): a/images/1.png has that name, but " +
      "only neighbouring folders are paired.",
  ]);
});

test("names of samples differ on case-insensitive file systems too", () => {
  const { pairs } = pairing(["images/A.png", "images/a.png", "labels/A.png", "labels/a.png"]);
  assert.equal(
    pairs.map(([name]) => name),
    ["A", "a-2"],
  );
});

test("one folder may hold images and labels; the other files of Cellpose and predict are passed over", () => {
  const { pairs, passedOver } = pairing([
    ...["cell1.tif", "cell1_masks.tif", "cell1_seg.npy", "cell1_flows.tif", "cell2.tif"],
    ...["cell2_cp_masks.png", "cell2_cp_output.png", "Thumbs.db", "._cell1.tif", "notes.txt"],
    ...["cell3.png", "cell3-probability.png", "label-free_1.png", "label-free_1_mask.png"],
  ]);
  assert.equal(pairs, [
    ["cell1", "cell1.tif", "cell1_masks.tif"],
    ["cell2", "cell2.tif", "cell2_cp_masks.png"],
    ["label-free_1", "label-free_1.png", "label-free_1_mask.png"],
  ]);
  assert.equal(
    passedOver.map(({ path }) => path),
    [
      "cell1_seg.npy",
      "cell1_flows.tif",
      "cell2_cp_output.png",
      "notes.txt",
      "cell3-probability.png",
    ],
  );
  assert.match(passedOver[0].reason, /save its masks as PNG or TIFF/);
  const { images, labels } = sortPaths(["b_mask.png", "c.png", "train-labels.tif"]);
  assert.equal(
    [images, labels].map((list) => list.map(({ path }) => path)),
    [["c.png"], ["b_mask.png", "train-labels.tif"]],
  );
  // An image may end with such a word, or begin with it, if its label has one more.
  assert.equal(pairing(["seg_7.png", "seg_7_mask.png"]).pairs, [
    ["seg_7", "seg_7.png", "seg_7_mask.png"],
  ]);
});

test("files of nnU-Net are the channels of one image", () => {
  const files = (kind: string, end: string) => [1, 2].map((i) => `${kind}/c_000${i}${end}.png`);
  const { pairs, channels, remarks } = pairing([
    ...[...files("imagesTr", "_0000"), ...files("imagesTr", "_0001")],
    ...files("labelsTr", ""),
  ]);
  assert.equal(pairs[0], ["c_0001", "imagesTr/c_0001_0000.png", "labelsTr/c_0001.png"]);
  assert.equal(channels, [["imagesTr/c_0001_0001.png"], ["imagesTr/c_0002_0001.png"]]);
  assert.match(remarks[0], /are the 2 channels of one image, c_0001; 2 such images/);
  assert.throws(
    () =>
      pairing([
        ...files("imagesTr", "_0000"),
        "imagesTr/c_0001_0001.png",
        ...files("labelsTr", ""),
      ]),
    /imagesTr\/c_0002_0000.png: the image c_0002 has the channels 0000, expected 2 files, 0000 to 0001/,
  );
  // With labels of the same names the numbers count images.
  const series = pairing([...files("imagesTr", ""), ...files("labelsTr", "")]);
  assert.equal(series.channels, [undefined, undefined]);
});

test("stacks pair by their pages, and with single files by page", () => {
  const found = pairing(["images/a.tif", "labels/a_mask.tif"], {
    "images/a.tif": 2,
    "labels/a_mask.tif": 2,
  });
  assert.equal(found.pages, [
    [0, 0],
    [1, 1],
  ]);
  assert.equal(found.pairs[1], ["a-1", "images/a.tif", "labels/a_mask.tif"]);
  const slices = pairing(["images/v-0.png", "images/v-1.png", "labels/v.tif"], {
    "labels/v.tif": 2,
  });
  assert.equal(slices.pages, [
    [undefined, 0],
    [undefined, 1],
  ]);
  assert.throws(
    () => pairing(["images/a.tif", "labels/a.png"], { "images/a.tif": 3 }),
    /images\/a.tif has 3 pages but labels\/a.png has 1 page, expected the same number; .* --pages channels/,
  );
});

test("masks of single cells are refused: their image would be called background", () => {
  for (const masks of [
    ["labels/a_0.png"],
    ["labels/a_0.png", "labels/a_1.png"],
    ["labels/a_mask_1.png", "labels/a_mask_2.png"],
  ]) {
    const images = ["images/a.png", "images/b.png", "labels/b.png"];
    assert.throws(
      () => pairing([...images, ...masks]).warnings(),
      /like the mask of one cell of images\/a.png/,
    );
  }
  const folders = [
    "x/images/x.png",
    "x/masks/1f.png",
    "x/masks/2e.png",
    "y/images/y.png",
    "y/masks/y.png",
  ];
  assert.throws(
    () => pairing(folders).warnings(),
    /x\/masks\/1f.png: .* join its masks into one file/,
  );
});

test("if nothing pairs the error has both lists and what was tried", () => {
  assert.is(
    messageOf(() => pairing(["images/a.png", "labels/b.png"]).warnings()),
    "no image has a label: images holds a.png; labels holds b.png; pairs have equal names, apart " +
      "from capitals, endings such as _mask, _seg or _labels, and image_ and label_ in front: rename " +
      "the labels like their images",
  );
});

test("what is the same of several files is said once", () => {
  const tiff = (file: string) => ({ file, remark: `${file}: it is a TIFF file` });
  const files = names(7).map((name) => tiff(`${name}.png`));
  const other = { file: "a.tif", remark: "a.tif: its pyramid is left out" };
  assert.equal(gatheredRemarks([files[0], other, ...files.slice(1)]), [
    "0.png, 1.png, 2.png, 3.png, 4.png and 2 more: it is a TIFF file",
    "a.tif: its pyramid is left out",
  ]);
});

test.run();
