import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  applyColour,
  type ColourSurvey,
  colourFor,
  decideColour,
  notFiniteRemarks,
  surveyColour,
} from "../../src/data/colour-rule.js";
import type { RawImage } from "../../src/data/image-types.js";
import { messageOf } from "../errors.js";

const grey = (...values: number[]): RawImage => {
  const data = Uint8Array.from(values);
  return { width: values.length, height: 1, channels: 1, maximum: 255, data };
};
/** Planes of red, green and blue. */
const rgb = (...pixels: (readonly [number, number, number])[]): RawImage => {
  const data = Uint8Array.from([0, 1, 2].flatMap((channel) => pixels.map((one) => one[channel])));
  return { width: pixels.length, height: 1, channels: 3, maximum: 255, data };
};
const palette = (colour: (index: number) => [number, number, number], indices: number[]) => {
  return { ...rgb(...indices.map(colour)), indices: Uint8Array.from(indices) };
};
/** As ImageJ colours 8-bit images for display. */
const green = palette((index) => [0, index, 0], [0, 3, 90, 255]);
const fire = palette(
  (i) => [Math.min(255, 2 * i), Math.max(0, 2 * i - 255), i > 200 ? 4 * (i - 200) : 0],
  [5, 80, 130, 220],
);
/** A picture of few colours, in the order in which an encoder met them. */
const poster = palette((i) => [(i * 97) % 256, (i * 53) % 256, (i * 151) % 256], [0, 1, 2, 3, 4]);

const decide = (images: readonly RawImage[], declared?: "grey" | "rgb") => {
  const surveys = images.map((image, i) => surveyColour(image, `${"abcdef"[i]}.png`));
  const decision = decideColour(surveys, declared);
  const made = images.map((image) => applyColour(image, decision.rule));
  return { ...decision, made };
};

test("the pixels of an image determine the meaning of its channels", () => {
  const kind = (raw: RawImage) => surveyColour(raw, "a").kind;
  const two = { ...grey(1, 2), width: 1, channels: 2 };
  assert.equal(
    [grey(1), rgb([1, 1, 1], [7, 7, 7]), rgb([1, 1, 1], [1, 2, 1]), green, fire, poster, two].map(
      kind,
    ),
    ["grey", "grey-rgb", "rgb", "lookup", "lookup", "rgb", "channels"],
  );
});

test("sets of one kind stay as they are stored", () => {
  for (const [images, channels] of [
    [[grey(1), grey(2)], 1],
    [[rgb([1, 2, 3]), rgb([4, 4, 4])], 3],
    [[poster, poster], 3],
  ] as const) {
    const { rule, remarks, ...found } = decide(images);
    assert.equal([rule, remarks, found.channels], ["stored", [], channels]);
  }
});

test("grey mixed with RGB and look-up tables is read as grey, with a message", () => {
  const { rule, channels, remarks, made } = decide([
    grey(7),
    rgb([10, 20, 30]),
    rgb([9, 9, 9]),
    green,
  ]);
  assert.equal([rule, channels], ["grey", 1]);
  // 0.299 x 10 + 0.587 x 20 + 0.114 x 30 is 18.15.
  assert.equal(
    made.map(({ data }) => [...data]),
    [[7], [18], [9], [0, 3, 90, 255]],
  );
  assert.equal(remarks, [
    "1 of 4 images is RGB without a colour (c.png): read as the grey they show; 1 of 4 images is RGB " +
      "(b.png): read as grey, by their luma (Rec. 601: 0.299 R + 0.587 G + 0.114 B); 1 of 4 images " +
      "is grey with a colour look-up table (d.png): read as grey, by the values, not their colours. " +
      "--colour rgb reads all images as RGB.",
  ]);
});

test("RGB files without a colour, and sets of only look-up tables, are grey", () => {
  const plain = decide([rgb([1, 1, 1], [200, 200, 200]), rgb([5, 5, 5], [6, 6, 6])]);
  assert.equal([plain.channels, [...plain.made[0].data]], [1, [1, 200]]);
  assert.match(plain.remarks[0], /^2 of 2 images are RGB without a colour \(a\.png, b\.png\)/);
  assert.equal([...decide([green, fire]).made[1].data], [5, 80, 130, 220]);
});

test("grey values of RGB stay exact in every kind of number", () => {
  const raw = (data: RawImage["data"]): RawImage => {
    return { width: 1, height: 1, channels: 3, maximum: 1, data };
  };
  const value = 0.1;
  for (const data of [
    Float32Array.of(value, value, value),
    Uint16Array.of(40001, 40001, 40001),
    Int32Array.of(-7, -7, -7),
  ]) {
    const made = applyColour(raw(data), "grey").data;
    assert.is(made[0], data[0]);
    assert.is(made.constructor, data.constructor);
  }
});

test("what is declared is done", () => {
  const asRgb = decide([grey(7, 8), green], "rgb");
  assert.equal(asRgb.channels, 3);
  assert.equal(
    asRgb.made.map(({ data }) => [...data]),
    [
      [7, 8, 7, 8, 7, 8],
      [0, 0, 0, 0, 0, 3, 90, 255, 0, 0, 0, 0],
    ],
  );
  assert.match(asRgb.remarks[0], /a\.png\): read as RGB, the plane three times; .*in its colours/);
  const asGrey = decide([rgb([10, 20, 30])], "grey");
  assert.equal([...asGrey.made[0].data], [18]);
  assert.is(asGrey.remarks.length, 1);
});

test("other numbers of channels must agree", () => {
  const two = { ...grey(1, 2), width: 1, channels: 2 };
  assert.is(decide([two, two]).channels, 2);
  assert.match(
    messageOf(() => decide([grey(1), two])),
    /^b\.png: it has 2 channels, but a\.png has 1, expected the same number.*--pages channels/,
  );
  assert.match(
    messageOf(() => decide([two, rgb([1, 2, 3])])),
    /^b\.png: it has 3 .* a\.png has 2/,
  );
  assert.match(
    messageOf(() => decide([two], "grey")),
    /--colour grey: a\.png has 2 channels/,
  );
});

test("an existing network's channels decide", () => {
  const rule = (raw: RawImage, channels: number) =>
    colourFor(surveyColour(raw, "a.tif"), channels, "the network of n.safetensors");
  const two = { ...grey(1, 2), width: 1, channels: 2 };
  assert.equal(
    [rule(grey(1), 1), rule(rgb([1, 2, 3]), 1), rule(green, 1)],
    ["grey", "grey", "grey"],
  );
  assert.equal([rule(grey(1), 3), rule(rgb([1, 2, 3]), 3), rule(two, 2)], ["rgb", "rgb", "stored"]);
  assert.match(
    messageOf(() => rule(two, 1)),
    /^a\.tif: it has 2 channels, but the network of n\.safetensors was trained on images of 1 channel/,
  );
  assert.match(
    messageOf(() => rule(grey(1), 4)),
    /1 channel \(grey\), but .* 4 channels/,
  );
});

test("values that are not finite are counted by file", () => {
  const data = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 0);
  const raw: RawImage = { width: 4, height: 1, channels: 1, maximum: 1, data };
  const surveys: ColourSurvey[] = [surveyColour(raw, "d/a.tif"), surveyColour(grey(1), "d/b.tif")];
  assert.equal(notFiniteRemarks(surveys), [
    "1 file has values that are not finite (NaN or infinite): a.tif 2 of 4. They count as the " +
      "mean of their image.",
  ]);
});

test.run();
