import { test } from "uvu";
import * as assert from "uvu/assert";
import { augmentationConfig } from "../../src/data/augmentation-config.js";
import { classLegend } from "../../src/data/classes.js";
import { IGNORED, type Sample, type Samples } from "../../src/data/image-types.js";
import { symmetricView } from "../../src/data/symmetric-views.js";
import type { Pictured } from "../../src/data/varied.js";
import { picturePng } from "../../src/formats/png/picture-png.js";
import { decodePng } from "../../src/formats/png/png.js";
import { augmentationPanels } from "../../src/pictures/augmentation-panels.js";
import { scaleColour } from "../../src/pictures/colours.js";
import { deformationPanel } from "../../src/pictures/deformation-panel.js";
import { greyRange } from "../../src/pictures/grey-range.js";
import { drawText, textWidth } from "../../src/pictures/lettering.js";
import { overlapTilePanels } from "../../src/pictures/overlap-tile.js";
import { blankPicture, type Picture, pictureOf, resized } from "../../src/pictures/picture.js";
import { predictionPanels } from "../../src/pictures/prediction.js";
import { scalarPicture } from "../../src/pictures/scalar-map.js";
import { dataSheet, predictionRow, sheet } from "../../src/pictures/sheet.js";
import { displayed, objectPicture, tintedPicture } from "../../src/pictures/views.js";

const at = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4),
];

/** An image that brightens to the right, with two cells separated by a membrane in the middle. */
function sample(width = 40, height = 30): Sample & Pictured {
  const data = Float32Array.from({ length: width * height }, (_, i) => (i % width) / (width - 1));
  const label = Uint8Array.from(data, (_, i) => Number(Math.abs((i % width) - width / 2) > 1));
  return {
    name: "a",
    image: { width, height, channels: 1, data },
    label: { width, height, classes: 2, data: label },
  };
}

test("the scale of colours brightens evenly from end to end", () => {
  const luminance = (share: number) => {
    const [r, g, b] = scaleColour(share).map((value) => (value / 255) ** 2.2);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) ** (1 / 3);
  };
  const steps = Array.from({ length: 8 }, (_, i) => luminance((i + 1) / 8) - luminance(i / 8));
  const mean = (luminance(1) - luminance(0)) / 8;
  // Within half of the mean step: a rainbow's steps change their sign.
  for (const step of steps) assert.ok(Math.abs(step - mean) < mean / 2, steps.join());
});

test("a picture reduced keeps its mean, enlarged its pixels", () => {
  const board = pictureOf(6, 4, (i) => (i % 2 === 0 ? [0, 0, 0] : [200, 200, 200]));
  const half = resized(board, 3);
  assert.equal([half.width, half.height], [3, 2]);
  assert.equal(at(half, 1, 1), [100, 100, 100, 255]);
  const twice = resized(board, 12);
  assert.equal([twice.width, twice.height], [12, 8]);
  assert.equal(at(twice, 3, 5), [200, 200, 200, 255]);
});

test("letters fill their width, and an unknown one is a box", () => {
  const canvas = blankPicture(30, 8);
  drawText(canvas, "l\u00e4", [0, 0], [0, 0, 0]);
  assert.is(textWidth("l\u00e4"), 11);
  assert.equal(at(canvas, 2, 3), [0, 0, 0, 255]);
  for (const [x, y] of [
    [6, 0],
    [10, 6],
    [8, 0],
  ]) {
    assert.equal(at(canvas, x, y), [0, 0, 0, 255]);
  }
  assert.equal(at(canvas, 8, 3), [255, 255, 255, 255]);
});

test("the input tile's frame reaches into the mirrored margin, the output's starts at the image", () => {
  const { image, label } = sample(100, 100);
  const [left] = overlapTilePanels(image, label, { input: 60, output: 20, panelWidth: 140 });
  assert.equal([left.picture.width, left.picture.height], [140, 140]);
  assert.equal(at(left.picture, 0, 30), [60, 150, 240, 255]);
  assert.equal(at(left.picture, 59, 30), [60, 150, 240, 255]);
  assert.equal(at(left.picture, 20, 30), [255, 200, 40, 255]);
  assert.equal(at(left.picture, 39, 30), [255, 200, 40, 255]);
  // The column past the edge mirrors the one before it, paler.
  const [inside, outside] = [at(left.picture, 120 - 2, 130), at(left.picture, 120, 100)];
  assert.ok(outside[0] > inside[0] - 20, `${inside} ${outside}`);
  assert.throws(
    () => overlapTilePanels(image, label, { input: 60, output: 21 }),
    /60 in and 21 out, expected an even margin/,
  );
});

test("a tile larger than the image and its margin is drawn whole", () => {
  const { image, label } = sample(40, 40);
  const options = { input: 120, output: 80, panelWidth: 120 };
  const [left, right] = overlapTilePanels(image, label, options);
  assert.equal([left.picture.width, left.picture.height], [120, 120]);
  assert.equal(at(left.picture, 119, 119), [60, 150, 240, 255]);
  for (const { picture } of [left, right]) assert.equal(at(picture, 99, 99), [255, 200, 40, 255]);
});

test("a deformation moves image, label and grid alike", () => {
  const flip = ({ image, label }: Pictured) => ({
    image: { ...image, ...symmetricView(image, 4), channels: image.channels },
    label: { ...label, ...symmetricView(label, 4) },
  });
  const before = deformationPanel("before", sample(), (same) => same, { spacing: 10 }).picture;
  const after = deformationPanel("after", sample(), flip, { spacing: 10 }).picture;
  for (let y = 0; y < 30; y++) {
    for (let x = 0; x < 40; x++) assert.equal(at(after, x, y), at(before, 39 - x, y));
  }
  const [r, , b] = at(before, 5, 0);
  assert.ok(b > r + 100, "a line of the grid");
});

test("each kind of augmentation that is on has a panel, then all of them together", () => {
  const kinds = augmentationConfig({ rotation: 20, contrast: 0.5, elastic: "grid" });
  const panels = augmentationPanels(sample(), 24, kinds);
  assert.equal(
    panels.map(({ title }) => title),
    ["original", "rotation", "elastic", "contrast, brightness"].concat(
      [1, 2, 3, 4].map((tile) => `all, tile ${tile}`),
    ),
  );
  const pictures = panels.map(({ picture }) => picture);
  assert.ok(pictures.every(({ width, height }) => width === 24 && height === 24));
  assert.is(new Set(pictures.map(({ data }) => data.join())).size, 8);
  assert.is(augmentationPanels(sample(), 24, augmentationConfig()).length, 1);
});

test("objects get colours of their own, class 0 none", () => {
  const { image, label } = sample();
  label.data[0] = IGNORED;
  const picture = objectPicture(image, label);
  const [left, right] = [at(picture, 5, 5), at(picture, 35, 5)];
  assert.is.not(left.join(), right.join());
  assert.equal(new Set(at(picture, 20, 5).slice(0, 3)).size, 1);
  assert.equal(at(picture, 0, 0), [90, 90, 90, 255]);
});

test("the scale bar has the smallest value below and the largest above", () => {
  const values = Float32Array.from({ length: 400 }, (_, i) => i / 100);
  const picture = scalarPicture(values, { width: 20, height: 20 }, { width: 20 });
  assert.equal(at(picture, 8 + 20 + 8, 8), [253, 231, 37, 255]);
  assert.equal(at(picture, 8 + 20 + 8, 27), [68, 1, 84, 255]);
  assert.equal(at(picture, 8, 8), [68, 1, 84, 255]);
  const flat = scalarPicture(new Float32Array(400), { width: 20, height: 20 }, { width: 20 });
  assert.equal(at(flat, 8, 8), [68, 1, 84, 255]);
});

test("panels of a prediction mark wrong pixels and merged objects", () => {
  const one = sample();
  const probabilities = new Float32Array(2 * 1200).fill(1, 1200);
  const { panels, objects } = predictionPanels(one, { classes: 2, probabilities });
  assert.is(panels.length, 5);
  assert.equal(at(panels[3].picture, 20, 5), [235, 95, 20, 255], "missed membrane");
  assert.is(objects.mergers, 1);
  const [r, g, b] = at(panels[4].picture, 5, 5);
  assert.ok(r > g + 20 && b > g + 20, "merged: magenta");
});

test("panels of single cells show them separated, and count what is still merged", () => {
  const one = sample();
  // All above the threshold, with a line of doubt where the label has a gap.
  const probabilities = new Float32Array(2 * 1200).fill(1, 1200);
  for (let y = 0; y < 30; y++) probabilities[1200 + 40 * y + 20] = 0.6;
  const of = (separation: number) =>
    predictionPanels(one, { classes: 2, probabilities, cells: { kind: "gap", separation } });
  const { panels, objects, figures } = of(1);
  assert.equal(panels.map(({ title }) => title).slice(3), [
    "wrong pixels",
    "cells",
    "wrong objects",
  ]);
  assert.equal([objects.mergers, figures?.labelled, figures?.predicted], [0, 2, 2]);
  assert.is(figures?.ap50, 1);
  const { picture } = panels[4];
  assert.is.not(at(picture, 5, 5).join(), at(picture, 35, 5).join());
  const merged = of(Number.POSITIVE_INFINITY);
  assert.equal([merged.objects.mergers, merged.figures?.predicted], [1, 1]);
});

test("more than two classes are shown in their colours, with a legend", () => {
  const { name, image, label } = sample();
  const three = { ...label, classes: 3, data: label.data.slice() };
  three.data[0] = 2;
  three.data[1] = IGNORED;
  const legend = classLegend({
    classes: 3,
    classNames: ["membrane", "cell", "organelle"],
    classColours: ["#000000", "#ffffff", "#d4442f"],
  });
  // Everything is predicted as cell, with a probability of 0.6.
  const probabilities = new Float32Array(3 * 1200).fill(0.2);
  probabilities.fill(0.6, 1200, 2400);
  const one = { name, image, label: three };
  const { panels } = predictionPanels(one, { classes: 3, probabilities }, legend);
  assert.equal(
    panels.map(({ title }) => title),
    ["image", "label", "prediction", "probability of the predicted class"].concat([
      "wrong pixels",
      "wrong objects",
    ]),
  );
  const [, labelled, predicted, sure, wrong] = panels.map(({ picture }) => picture);
  assert.equal(at(labelled, 0, 0), [212, 68, 47, 255]);
  assert.equal(at(labelled, 20, 5), [0, 0, 0, 255]);
  assert.equal(at(labelled, 1, 0), [90, 90, 90, 255], "unlabelled pixels are hatched");
  assert.equal(at(predicted, 0, 0), [255, 255, 255, 255]);
  assert.equal(at(sure, 0, 0), [153, 153, 153, 255]);
  assert.equal(at(wrong, 0, 0), [235, 95, 20, 255]);
  const expected = legend.names.map((text, i) => ({ text, colour: legend.colours[i] }));
  assert.equal(panels[1].legend, expected);
  // An edge around each panel, since classes may be white, and the keys above the label.
  const row = predictionRow(one, { classes: 3, probabilities }, legend);
  const left = 8 + 7 * 40 + 8;
  assert.equal(at(row, left - 1, 40), [170, 172, 176, 255]);
  const key = left + 7 * 6 + 2;
  assert.equal(at(row, key, 10), [0, 0, 0, 255]);
});

test("words that do not fit next to each other are placed below each other", () => {
  const keys = [0, 1, 2].map((i) => ({ text: "false membrane", colour: [200 + i, 0, 0] as const }));
  const panel = (width: number) => ({ title: "", keys, picture: blankPicture(width, 10) });
  const wide = sheet([panel(340)]);
  const narrow = sheet([panel(120)]);
  assert.equal([wide.height, narrow.height], [8 + 8 + 8 + 10 + 8, 8 + 30 + 8 + 10 + 8]);
  for (const line of [0, 1, 2]) {
    assert.equal(at(narrow, 8, 8 + 11 * line), [200 + line, 0, 0, 255]);
  }
});

test("a tinted picture shows areas and outlines of classes, and class 0 as it is", () => {
  const { image, label } = sample();
  const plain = tintedPicture(image, { ...label, data: new Uint8Array(1200) });
  const tinted = tintedPicture(image, label, [
    [0, 0, 0],
    [0, 0, 255],
  ]);
  assert.equal(at(tinted, 20, 5), at(plain, 20, 5));
  const [r, g, b] = at(tinted, 5, 5);
  assert.ok(b > r + 80 && b > g + 80, "tinted");
  assert.equal(at(tinted, 18, 5), [0, 0, 255, 255], "its outline");
});

test("a contact sheet has image and label of each sample", () => {
  const picture = dataSheet([sample(), sample(), sample()], { columns: 4, panelWidth: 40 });
  assert.equal([picture.width, picture.height], [4 * 48 + 8, 2 * (30 + 16 + 8) + 8]);
});

test("the range of floats is that of their finite values in order", () => {
  const random = (i: number) => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(i / 7);
  for (const count of [1, 2, 201, 5000]) {
    for (const scale of [1e-41, 1, -3e30]) {
      const finite = Float32Array.from({ length: count }, (_, i) => scale * random(i % 900));
      const values = finite.slice().sort();
      const low = values[Math.floor(0.005 * (count - 1))];
      const high = values[Math.ceil(0.995 * (count - 1))];
      const data = Float32Array.from([Number.NaN, ...finite, Infinity, -Infinity]);
      assert.equal(greyRange({ data, maximum: 1 }), [low, high], `${count} values of ${scale}`);
    }
  }
  assert.equal(greyRange({ data: new Float32Array(3).fill(Number.NaN) }), [0, 0]);
});

test("a picture without colour is written as a grey PNG, with the same pixels", () => {
  const grey = decodePng(picturePng(blankPicture(3, 2, [7, 7, 7])), "grey");
  assert.equal([grey.channels, ...grey.data.subarray(0, 6)], [1, 7, 7, 7, 7, 7, 7]);
  const red = decodePng(picturePng(blankPicture(3, 2, [9, 8, 7])), "colour");
  assert.equal([red.channels, red.data[0], red.data[6], red.data[12]], [3, 9, 8, 7]);
});

test("an image is shown by its own range, as stored or as values, ignoring values that are not finite", () => {
  const ramp = Array.from({ length: 1200 }, (_, pixel) => pixel);
  const image = (data: Samples, maximum = 1) => ({
    width: 40,
    height: 30,
    channels: 1,
    maximum,
    data,
  });
  const grey = (one: ReturnType<typeof image>, pixel: number) => displayed(one)(pixel)[0];
  for (const one of [
    image(Float32Array.from(ramp)),
    image(Float32Array.from(ramp, (value) => 1e30 * (value - 600))),
    image(Float32Array.from(ramp, (value) => 1e-9 * value)),
    image(Uint16Array.from(ramp), 65535),
    image(
      Int16Array.from(ramp, (value) => value - 600),
      32767,
    ),
    image(
      Uint32Array.from(ramp, (value) => 4e9 + value),
      2 ** 32 - 1,
    ),
  ]) {
    assert.equal([grey(one, 0), grey(one, 1199)], [0, 255]);
    assert.ok(Math.abs(grey(one, 600) - 127.5) < 2, one.data.constructor.name);
  }
  const bytes = image(
    Uint8Array.from(ramp, (value) => value / 5),
    255,
  );
  assert.equal([grey(bytes, 0), grey(bytes, 1199)], [0, 255]);
  const holes = Float32Array.from(ramp);
  holes.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 100);
  assert.equal(
    [100, 101, 102].map((pixel) => grey(image(holes), pixel)),
    [0, 255, 0],
  );
  assert.ok(Math.abs(grey(image(holes), 600) - 127.5) < 2);
  assert.is(grey(image(new Float32Array(1200).fill(Number.NaN)), 5), 0);
  assert.is(grey(image(new Float32Array(1200).fill(5)), 5), 0);
});

test.run();
