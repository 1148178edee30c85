import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png.js";
import { findImages, findPairs, loadSamples } from "../../src/node/samples.js";

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
  assert.match(await message(findPairs({ folder })), /images: no PNG file in it \(it is empty\)/);
  writeFileSync(join(folder, "images", "a.tif"), "");
  assert.match(await message(findPairs({ folder })), /no PNG file in it \(it holds a.tif\)/);
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

test("a file that is no image or no label is named", async ({ folder }) => {
  const image = join(folder, "images", "a.png");
  const label = join(folder, "labels", "a.png");
  write(image, 2, 1, [7]);
  write(label, 2, 1, [3]);
  const { pairs } = await findPairs({ folder });
  assert.match(await message(loadSamples(pairs)), `label ${label}: it has values such as 3`);
  writeFileSync(image, "text");
  assert.match(await message(loadSamples(pairs)), `${image}: it is not a PNG image`);
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
