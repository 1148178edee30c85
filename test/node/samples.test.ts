import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { imageFromRaw } from "../../src/data/float-image.js";
import { findPairs } from "../../src/node/find-pairs.js";
import { createReader, findImages, scanImages } from "../../src/node/image-files.js";
import { encodePng } from "../../src/node/png-files.js";
import { loadSamples } from "../../src/node/samples.js";
import { geoJsonOf, roiSetOf } from "../../src/objects/outline-files.js";
import { drawnLabels } from "../objects/scenes.js";
import { tiffFile } from "./tiff-fixture.js";

const test = suite<{ folder: string }>("samples");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "micrograph-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** Writes a grey file whose pixels repeat the values. */
function write(path: string, width: number, height: number, values: number[], channels: 1 | 3 = 1) {
  mkdirSync(join(path, ".."), { recursive: true });
  const data = Array.from(
    { length: width * height * channels },
    (_, i) => values[i % values.length],
  );
  writeFileSync(path, encodePng({ width, height, channels, bitDepth: 8, data }));
}

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing thrown",
    (error: Error) => error.message,
  );
}

test("ROI sets and GeoJSON next to images are labels of one number per cell", async ({
  folder,
}) => {
  const cells = drawnLabels("1122 1122 ....");
  for (const name of ["a", "b"]) write(join(folder, `images/${name}.png`), 4, 3, [7]);
  mkdirSync(join(folder, "labels"));
  writeFileSync(join(folder, "labels/a_RoiSet.zip"), roiSetOf(cells));
  writeFileSync(join(folder, "labels/b.geojson"), geoJsonOf(cells));
  writeFileSync(join(folder, "labels/other.zip"), "no label of an image here");
  const { pairs } = await findPairs({ folder });
  assert.equal(
    pairs.map(({ name }) => name),
    ["a", "b"],
  );
  const { samples, labels } = await loadSamples(pairs);
  assert.is(labels.reading, "instances");
  for (const { label } of samples) {
    assert.equal([...label.data], [1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0]);
  }
});

test("one folder that holds images and labels under usual names", async ({ folder }) => {
  for (const [images, labels] of [
    ["images", "labels"],
    ["image", "mask"],
    ["imgs", "masks"],
  ]) {
    const root = join(folder, images);
    for (const name of ["10", "2"]) {
      write(join(root, images, `${name}.png`), 5, 3, [0, 51]);
      write(join(root, labels, `${name}.png`), 5, 3, [0, 255]);
    }
    writeFileSync(join(root, images, ".DS_Store"), "");
    const { pairs, warnings } = await findPairs({ folder: root });
    assert.equal(
      pairs.map((pair) => pair.name),
      ["2", "10"],
    );
    assert.equal(warnings, []);
    const { samples, remarks } = await loadSamples(pairs);
    assert.equal([...imageFromRaw(samples[1].image).data.subarray(0, 2)], [0, Math.fround(0.2)]);
    assert.equal([...samples[1].label.data.subarray(0, 2)], [0, 1]);
    assert.equal(remarks, ["Labels are black and white: 0 is class 0, white is class 1."]);
  }
});

test("labels of two conventions are distinguished by name", async ({ folder }) => {
  for (const [name, one] of [
    ["a", 1],
    ["b", 255],
  ] as const) {
    write(join(folder, "i", `${name}.png`), 2, 2, [9]);
    write(join(folder, "l", `${name}.png`), 2, 2, [0, one]);
  }
  const { pairs } = await findPairs({ images: join(folder, "i"), labels: join(folder, "l") });
  const { remarks } = await loadSamples(pairs);
  assert.equal(remarks, [
    "Labels a hold class indices.",
    "Labels b are black and white: 0 is class 0, white is class 1.",
  ]);
});

test("folders that cannot be used are named", async ({ folder }) => {
  const none = join(folder, "none");
  assert.is(await message(findPairs({ folder: none })), `${none}: no such folder`);
  assert.match(
    await message(findPairs({ folder })),
    /no images found in it \(it is empty\), expected folders images and labels, or labels next to/,
  );
  assert.match(await message(findPairs({})), /no folder given for --images/);
  mkdirSync(join(folder, "images"));
  mkdirSync(join(folder, "labels"));
  assert.match(
    await message(findPairs({ folder })),
    /no images found in it \(it holds images\/, labels\/\)/,
  );
  writeFileSync(join(folder, "images", "a.txt"), "");
  assert.match(
    await message(findPairs({ images: join(folder, "images"), labels: join(folder, "labels") })),
    /images: no PNG, TIFF or JPEG file in it \(it holds a.txt\)/,
  );
});

test("sizes that differ are named with both files", async ({ folder }) => {
  const path = (kind: string, name: string) => join(folder, kind, `${name}.png`);
  for (const name of ["a", "b"]) {
    write(path("images", name), 4, 4, [7]);
    write(path("labels", name), 4, 4, [0, 1]);
  }
  const { pairs } = await findPairs({ folder });
  write(path("labels", "a"), 3, 5, [1]);
  assert.is(
    await message(loadSamples(pairs)),
    `${path("images", "a")} is 4x4 but ${path("labels", "a")} is 3x5, expected equal sizes`,
  );
});

test("grey and RGB images become grey together; --colour and a network decide otherwise", async ({
  folder,
}) => {
  for (const [name, values, channels] of [
    ["a", [0, 200], 1],
    ["b", [9, 9, 9, 70, 70, 70], 3],
  ] as const) {
    const data = name === "a" ? [...values] : [9, 70, 9, 70, 9, 70];
    write(join(folder, "images", `${name}.png`), 2, 1, data, channels);
    write(join(folder, "labels", `${name}.png`), 2, 1, [0, 1]);
  }
  const { pairs } = await findPairs({ folder });
  const { samples, remarks } = await loadSamples(pairs);
  assert.equal(
    samples.map(({ image }) => [image.channels, ...image.data]),
    [
      [1, 0, 200],
      [1, 9, 70],
    ],
  );
  assert.match(remarks[0], /1 of 2 images is RGB without a colour .*b\.png.*--colour rgb/);
  for (const options of [{ colour: "rgb" }, { channels: 3 }] as const) {
    const { samples, remarks } = await loadSamples(pairs, options);
    assert.equal(
      samples.map(({ image }) => image.channels),
      [3, 3],
    );
    assert.match(remarks[0], /1 of 2 images is grey .*a\.png.*three times/);
  }
  assert.match(
    await message(loadSamples(pairs, { channels: 2 })),
    /a\.png: it has 1 channel \(grey\), but the network was trained on images of 2 channels/,
  );
});

const page = { width: 3, height: 2, samples: [0, 0, 51, 51, 51, 102] };
const marks = { ...page, samples: [0, 255, 255, 0, 0, 0] };

test("one stack of images and one of labels are paired by page, in files or folders", async ({
  folder,
}) => {
  mkdirSync(join(folder, "images"));
  mkdirSync(join(folder, "labels"));
  const images = join(folder, "images", "train-volume.tif");
  const labels = join(folder, "labels", "train-labels.tif");
  const second = { ...page, samples: [255, 0, 0, 0, 0, 0] };
  const pages = Array.from({ length: 11 }, (_, i) => (i === 10 ? second : page));
  writeFileSync(images, tiffFile(pages, true));
  writeFileSync(labels, tiffFile(Array(11).fill(marks)));
  for (const where of [{ folder }, { images, labels }]) {
    const { pairs } = await findPairs(where);
    assert.equal(
      [0, 10].map((i) => pairs[i].name),
      ["train-volume-00", "train-volume-10"],
    );
    const { samples } = await loadSamples(pairs);
    assert.is(samples.length, 11);
    assert.equal(
      [9, 10].map((page) => imageFromRaw(samples[page].image).data[0]),
      [0, 1],
    );
    assert.equal([...samples[10].label.data], [0, 1, 1, 0, 0, 0]);
  }
  writeFileSync(labels, tiffFile(Array(10).fill(marks)));
  assert.is(
    await message(findPairs({ folder })),
    `${images} has 11 pages but ${labels} has 10 pages, expected the same number`,
  );
});

test("TIFF files are paired by stem as PNG files are, stacks among them", async ({ folder }) => {
  for (const kind of ["images", "labels"]) {
    const one = kind === "images" ? page : marks;
    mkdirSync(join(folder, kind));
    writeFileSync(join(folder, kind, "a.TIFF"), tiffFile([one]));
    writeFileSync(join(folder, kind, "b.tif"), tiffFile([one, one]));
    write(join(folder, kind, "c.png"), 3, 2, [0]);
  }
  const { pairs } = await findPairs({ folder });
  assert.equal(
    pairs.map(({ name, imagePage }) => [name, imagePage]),
    [
      ["a", undefined],
      ["b-0", 0],
      ["b-1", 1],
      ["c", undefined],
    ],
  );
  assert.is((await loadSamples(pairs)).samples.length, 4);
  write(join(folder, "images", "b-1.png"), 3, 2, [0]);
  const { warnings } = await findPairs({ folder });
  assert.match(warnings[0], /images: 1 image has no label and is left out \(b-1\.png\)/);
  rmSync(join(folder, "images", "b-1.png"));
  writeFileSync(join(folder, "labels", "a.TIFF"), tiffFile([{ ...marks, tags: { 259: [4] } }]));
  const path = join(folder, "labels", "a.TIFF");
  const expected = `${path}: its tag Compression is 4 (CCITT group 4, of fax machines), expected `;
  assert.is((await message(loadSamples(pairs))).slice(0, expected.length), expected);
});

test("a file that is not an image or not a label is named", async ({ folder }) => {
  const image = join(folder, "images", "a.png");
  const label = join(folder, "labels", "a.png");
  write(image, 2, 1, [7]);
  write(label, 2, 1, [3]);
  const { pairs } = await findPairs({ folder });
  assert.match(await message(loadSamples(pairs)), `label ${label}: it has values such as 3`);
  writeFileSync(image, "text");
  assert.match(await message(loadSamples(pairs)), `${image}: it is a text, not an image`);
  rmSync(image);
  assert.is(await message(loadSamples(pairs)), `${image}: no such file`);
});

test("an input is a file or a folder", async ({ folder }) => {
  for (const name of ["10", "9"]) write(join(folder, `${name}.png`), 1, 1, [0]);
  assert.equal(
    (await findImages(folder)).map((one) => one.name),
    ["9", "10"],
  );
  const file = join(folder, "9.png");
  assert.equal(await findImages(file), [{ name: "9", image: file }]);
  const none = join(folder, "none");
  assert.is(await message(findImages(none)), `${none}: no such file or folder`);
});

test("sets below one folder are paired apart; those to judge by are left out", async ({
  folder,
}) => {
  for (const set of ["train", "test"]) {
    for (const name of ["0", "1"]) {
      write(join(folder, set, "image", `${name}.png`), 2, 2, [9]);
      write(join(folder, set, "label", `${name}.png`), 2, 2, [0, 1]);
    }
  }
  const { pairs, warnings, source } = await findPairs({ folder });
  assert.equal(
    pairs.map(({ name, image }) => [name, image]),
    [
      ["0", join(folder, "train", "image", "0.png")],
      ["1", join(folder, "train", "image", "1.png")],
    ],
  );
  assert.match(warnings[0], /2 images in test\/image left out/);
  assert.equal(source, {
    images: join(folder, "train", "image"),
    labels: join(folder, "train", "label"),
  });
  const test = join(folder, "test");
  assert.is((await findPairs({ folder: test })).pairs[0].label, join(test, "label", "0.png"));
  renameSync(test, join(folder, "b"));
  const both = await findPairs({ folder });
  assert.equal(
    both.pairs.map(({ name }) => name),
    ["b-0", "b-1", "train-0", "train-1"],
  );
  // The same folder given for both finds them again, as in a resumed run.
  assert.equal((await findPairs(both.source)).pairs, both.pairs);
});

test("folders, hidden files and files left by systems are passed over, other files are reported", async ({
  folder,
}) => {
  write(join(folder, "images", "a.png"), 2, 2, [9]);
  write(join(folder, "labels", "a.png"), 2, 2, [0, 1]);
  write(join(folder, "images", "old", "b.png"), 2, 2, [9]);
  mkdirSync(join(folder, "images", "c.png"));
  for (const name of ["Thumbs.db", "desktop.ini", "._a.png", ".DS_Store", "notes.txt"]) {
    writeFileSync(join(folder, "images", name), "");
  }
  writeFileSync(join(folder, "labels", "classes.json"), "{}");
  const { pairs, warnings } = await findPairs({ folder });
  assert.is(pairs.length, 1);
  assert.equal(warnings, [`${folder}: 1 file is passed over (notes.txt): it is not an image.`]);
});

test("channels in files of their own are joined in their order", async ({ folder }) => {
  for (const [end, value] of [
    ["0000", 51],
    ["0001", 102],
  ] as const) {
    write(join(folder, "imagesTr", `case_${end}.png`), 2, 1, [value]);
  }
  write(join(folder, "labelsTr", "case.png"), 2, 1, [0, 255]);
  const { pairs } = await findPairs({ folder });
  assert.is(pairs[0].name, "case");
  const { samples } = await loadSamples(pairs);
  const { channels, data } = samples[0].image;
  assert.equal([channels, ...data], [2, 51, 51, 102, 102]);
  const [image] = (await scanImages(join(folder, "imagesTr"))).images;
  assert.is(image.name, "case");
  assert.is((await createReader()(image)).channels, 2);
  write(join(folder, "imagesTr", "case_0001.png"), 3, 1, [9]);
  assert.match(
    await message(createReader()(image)),
    /case_0001\.png is 3x1, but .*case_0000\.png is 2x1, expected equal/,
  );
});

test.run();
