import { test } from "uvu";
import * as assert from "uvu/assert";
import { IGNORED, type RawImage } from "../../src/data/image-types.js";
import { imageFromRaw, labelFromImage } from "../../src/data/labels.js";

function raw(values: number[], more: Partial<RawImage> = {}): RawImage {
  const channels = more.channels ?? 1;
  const data = Uint8Array.from(values);
  return { width: values.length / channels, height: 1, channels: 1, maximum: 255, data, ...more };
}

function read(image: RawImage, classes = 2, ignore?: number) {
  const { label, convention } = labelFromImage(image, "a.png", { classes, ignore });
  return [convention, ...label.data];
}

test("two classes are black and white, or indices", () => {
  assert.equal(read(raw([0, 255, 0])), ["0/255", 0, 1, 0]);
  assert.equal(read(raw([0, 1, 1])), ["index", 0, 1, 1]);
  assert.equal(read(raw([0, 0])), ["index", 0, 0]);
  assert.equal(read(raw([0, 1], { maximum: 1 })), ["index", 0, 1]);
  const wide = { maximum: 65535, data: Uint16Array.from([0, 65535]) };
  assert.equal(read(raw([0, 0], wide)), ["0/255", 0, 1]);
});

test("an RGB label of equal channels is grey, another one is refused", () => {
  assert.equal(read(raw([0, 255, 0, 255, 0, 255], { channels: 3 })), ["0/255", 0, 1]);
  assert.throws(
    () => read(raw([0, 255, 0, 255, 0, 0], { channels: 3 })),
    /a\.png: it is a colour image, expected grey values or a palette/,
  );
});

test("with more classes the value, or the palette's index, is the class", () => {
  assert.equal(read(raw([0, 2, 1]), 3), ["index", 0, 2, 1]);
  const indices = Uint8Array.from([2, 0]);
  const palette = raw([9, 8, 7, 6, 5, 4], { channels: 3, indices });
  assert.equal(read(palette, 3), ["index", 2, 0]);
  const blackAndWhite = raw([255, 0], { indices: Uint8Array.from([0, 1]) });
  assert.equal(read(blackAndWhite), ["0/255", 1, 0]);
});

test("an ignored value has no class", () => {
  assert.equal(read(raw([0, 1, 255]), 2, 255), ["index", 0, 1, IGNORED]);
  assert.equal(read(raw([0, 128, 255]), 2, 128), ["0/255", 0, IGNORED, 1]);
  assert.equal(read(raw([3, 2, 9]), 4, 9), ["index", 3, 2, IGNORED]);
});

test("other values are named with their counts, and what was expected", () => {
  const grey = raw([0, 17, 17, 130, 255]);
  assert.throws(
    () => read(grey),
    "label a.png: it has values such as 17 (2 pixels), 130 (1 pixels), 255 (1 pixels), " +
      "expected only 0 and 255, or only 0 and 1",
  );
  assert.throws(() => read(raw([0, 1, 255])), /255 \(1 pixels\).*name it as the ignored value/);
  assert.throws(() => read(raw([0, 255]), 3), /expected class indices 0 to 2.*has 2 classes/);
  assert.throws(() => read(raw([0]), 1), /got 1 classes, expected a number from 2 to 255/);
});

test("an image is the stored integers over the largest", () => {
  const { data } = imageFromRaw(raw([0, 3, 15], { maximum: 15 }));
  assert.equal([...data], [0, Math.fround(0.2), 1]);
});

test.run();
