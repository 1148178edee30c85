// The pictures of the examples that train networks of other kinds, each made by its example.

import type { Browser } from "playwright-core";
import { addNoise, denoise } from "../../examples/denoise.js";
import {
  CLASSES,
  dentalXray,
  diceByClass,
  segment,
  trainDental,
} from "../../examples/dental-xrays.js";
import { bestOf, GAUSSIANS, MEDIANS, psnr } from "../../examples/filters.js";
import { trainDrawing } from "../../examples/image-to-image.js";
import { strokes, toPaint, transferStyle } from "../../examples/style-transfer.js";
import { picturePng } from "../../src/node/png-files.js";
import { type Device, type Image, openDevice, syntheticSample } from "../../src/node.js";
import { type Picture, pictureOf } from "../../src/pictures/picture.js";
import { classPicture, imagePicture } from "../../src/pictures/views.js";
import type { Keep } from "./example-pictures.js";
import { type Figure, figuresPicture, imageOf } from "./html-picture.js";

const PICTURES: Readonly<Record<string, (device: Device) => Promise<Figure[]>>> = {
  "example-image-to-image": imageToImage,
  "example-denoise": denoised,
  "example-style-transfer": painted,
  "example-dental-xrays": dental,
};

/** Pictures of the examples, or of those whose names contain `wanted`. */
export async function networkPictures(browser: Browser, keep: Keep, wanted = ""): Promise<void> {
  using device = await openDevice();
  for (const [name, figuresOf] of Object.entries(PICTURES)) {
    if (!name.includes(wanted)) continue;
    // Of greys and a few classes; only the painted one has more.
    const colours = figuresOf === painted ? undefined : 20;
    await keep(name, await figuresPicture(browser, await figuresOf(device)), colours);
  }
}

/** A picture at its own size, and its title. */
function figure(picture: Picture, title: string): Figure {
  return { html: imageOf(picturePng(picture), picture.width), title };
}

/** Greys as they are: 0 is black, 1 is white. */
function greyPicture({ width, height, data }: Image): Picture {
  const at = (pixel: number) => 255 * Math.max(0, Math.min(1, data[pixel]));
  return pictureOf(width, height, (pixel) => [at(pixel), at(pixel), at(pixel)]);
}

async function imageToImage(device: Device): Promise<Figure[]> {
  const sample = (seed: number, side: number) => {
    const size = { width: side, height: side };
    return { name: `synthetic ${seed}`, ...syntheticSample({ seed, ...size, classes: 3 }) };
  };
  const trained = await trainDrawing(
    device,
    [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => sample(seed, 256)),
    700,
  );
  const { image, label } = sample(10, 160);
  const drawn = await trained.draw(label);
  trained.close();
  return [
    figure(classPicture(label), "a label"),
    figure(greyPicture(drawn), "drawn from it"),
    figure(greyPicture(image), "the image of that label"),
  ];
}

async function denoised(device: Device): Promise<Figure[]> {
  const clean = [1, 2, 3, 4].map(
    (seed) => syntheticSample({ seed, width: 192, height: 192, noise: 0 }).image,
  );
  const noisy = clean.map((image, i) => addNoise(image, i + 1));
  const { images } = await denoise(device, noisy, 1500);
  const shown = [
    { image: noisy[0], title: "noisy" },
    { image: bestOf(MEDIANS, noisy[0], clean[0]), title: "median" },
    { image: bestOf(GAUSSIANS, noisy[0], clean[0]), title: "Gaussian" },
    { image: images[0], title: "denoised" },
    { image: clean[0], title: "clean" },
  ];
  return shown.map(({ image, title }) => {
    const decibels = title === "clean" ? "" : `, ${psnr(image, clean[0]).toFixed(1)} dB`;
    return figure(greyPicture(cropped(image, 120)), `${title}${decibels}`);
  });
}

/** The middle of a grey image. */
function cropped({ width, height, data }: Image, side: number): Image {
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  const at = (i: number) => (top + Math.floor(i / side)) * width + left + (i % side);
  const part = Float32Array.from({ length: side * side }, (_, i) => data[at(i)]);
  return { width: side, height: side, channels: 1, data: part };
}

async function painted(device: Device): Promise<Figure[]> {
  const [content, style] = [toPaint(), strokes(1)];
  const result = await transferStyle(device, content, style, 500);
  return [
    figure(greyPicture(content), "forms"),
    figure(imagePicture(style), "texture"),
    figure(imagePicture(result), "painted"),
  ];
}

async function dental(device: Device): Promise<Figure[]> {
  const checkpoint = await trainDental(device, 2400);
  const sample = dentalXray(101);
  const found = await segment(device, checkpoint, sample);
  const figures = diceByClass([found], [sample.label]);
  console.log(CLASSES.map((name, k) => `${name} ${figures[k].toFixed(3)}`).join(", "));
  return [
    figure(greyPicture(sample.image), "a drawn X-ray"),
    figure(classPicture(sample.label), "its label"),
    figure(classPicture(found), "the prediction"),
  ];
}
