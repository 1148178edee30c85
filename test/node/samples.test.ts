import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findImages } from "../../src/node/image-files.js";
import { findPairs } from "../../src/node/pairs.js";
import { encodePng } from "../../src/node/png.js";
import { loadSamples } from "../../src/node/samples.js";
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
    assert.equal([...samples[1].image.data.subarray(0, 2)], [0, Math.fround(0.2)]);
    assert.equal([...samples[1].label.data.subarray(0, 2)], [0, 1]);
    assert.equal(remarks, ["Labels are black and white: 0 is class 0, white is class 1."]);
  }
});

test("labels of two conventions are told apart by name", async ({ folder }) => {
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
    /none of the folders images, image, imgs in it/,
  );
  assert.match(await message(findPairs({})), /no folder given for --images/);
  mkdirSync(join(folder, "images"));
  mkdirSync(join(folder, "labels"));
  assert.match(
    await message(findPairs({ folder })),
    /images: no PNG, TIFF or JPEG file in it \(it is empty\)/,
  );
  writeFileSync(join(folder, "images", "a.txt"), "");
  assert.match(
    await message(findPairs({ folder })),
    /no PNG, TIFF or JPEG file in it \(it holds a.txt\)/,
  );
});

test("sizes and channels that differ are named with both files", async ({ folder }) => {
  const path = (kind: string, name: string) => join(folder, kind, `${name}.png`);
  for (const name of ["a", "b"]) {
    write(path("images", name), 4, 4, [7], name === "b" ? 3 : 1);
    write(path("labels", name), 4, 4, [1]);
  }
  const { pairs } = await findPairs({ folder });
  assert.is(
    await message(loadSamples(pairs)),
    `${path("images", "b")}: it has 3 channels, expected 1 as in ${path("images", "a")}`,
  );
  write(path("labels", "a"), 3, 5, [1]);
  assert.is(
    await message(loadSamples(pairs)),
    `${path("images", "a")} is 4x4 but ${path("labels", "a")} is 3x5, expected equal sizes`,
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
    assert.equal([samples[9].image.data[0], samples[10].image.data[0]], [0, 1]);
    assert.equal([...samples[10].label.data], [0, 1, 1, 0, 0, 0]);
  }
  writeFileSync(labels, tiffFile(Array(10).fill(marks)));
  assert.is(
    await message(findPairs({ folder })),
    `${images} has 11 pages but ${labels} has 10, expected as many`,
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
  assert.match(await message(findPairs({ folder })), /have the stem b-1, expected one file/);
  writeFileSync(join(folder, "labels", "a.TIFF"), tiffFile([{ ...marks, tags: { 259: [4] } }]));
  const path = join(folder, "labels", "a.TIFF");
  const expected = `${path}: its tag Compression is 4 (CCITT group 4, of fax machines), expected `;
  assert.is((await message(loadSamples(pairs))).slice(0, expected.length), expected);
});

test("a file that is no image or no label is named", async ({ folder }) => {
  const image = join(folder, "images", "a.png");
  const label = join(folder, "labels", "a.png");
  write(image, 2, 1, [7]);
  write(label, 2, 1, [3]);
  const { pairs } = await findPairs({ folder });
  assert.match(await message(loadSamples(pairs)), `label ${label}: it has values such as 3`);
  writeFileSync(image, "text");
  assert.match(await message(loadSamples(pairs)), `${image}: it is a text, no image`);
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

test.run();
