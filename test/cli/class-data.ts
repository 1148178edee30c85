// Images with labels of three classes, and the commands that train and predict on them.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { pngFile } from "../formats/png/png-fixture.js";
import { runCli } from "./run.js";

export const SIZE = 32;
export const NAMES = ["--class-names", "membrane,cell,organelle"];
export const COLOURS = ["--class-colours", "#000,#ffffff,#D4442F"];
export const HEX = ["#000000", "#ffffff", "#d4442f"];
export const RGB = [
  [0, 0, 0],
  [255, 255, 255],
  [212, 68, 47],
];
/** The options of a network that the fake services train in no time. */
export const small = ["--steps", "2", "--validate-every", "2", "--tile", "28", "--depth", "1"];

/** Stripes of the three classes. */
export const indices = Array.from({ length: SIZE * SIZE }, (_, i) => [0, 1, 1, 2][(i % SIZE) % 4]);

export const greyPng = (data: ArrayLike<number>) =>
  encodePng({ width: SIZE, height: SIZE, channels: 1, bitDepth: 8, data });

/** A picture of indices in colours, by default those of the classes. */
export const rgbPng = (pixels = indices, colours: readonly (readonly number[])[] = RGB) => {
  const data = [0, 1, 2].flatMap((channel) => pixels.map((index) => colours[index][channel]));
  return encodePng({ width: SIZE, height: SIZE, channels: 3, bitDepth: 8, data });
};

export const palettePng = (palette: readonly (readonly number[])[], pixels = indices) =>
  pngFile(SIZE, SIZE, pixels, { colourType: 3, depth: 8, palette: palette.flat() });

/** Writes a data set of those labels; its images are such that the fake network predicts the classes. */
export async function writeData(labels: readonly Uint8Array[]): Promise<void> {
  await mkdir("data/images", { recursive: true });
  await mkdir("data/labels", { recursive: true });
  for (const [i, label] of labels.entries()) {
    await writeFile(`data/images/${i}.png`, greyPng(indices.map((index) => 100 * index)));
    await writeFile(`data/labels/${i}.png`, label);
  }
}

export const train = (...more: string[]) =>
  runCli(["train", "data", "-o", "run", ...small, ...more]);

export const configOf = async (folder: string) =>
  JSON.parse(await readFile(`${folder}/config.json`, "utf8"));

/** A trained network of the three classes, and images to predict. */
export async function prepare(): Promise<void> {
  await writeData([rgbPng(), rgbPng()]);
  assert.is((await train(...NAMES, ...COLOURS)).code, 0);
}

export const predict = (...more: string[]) => {
  const checkpoint = ["--checkpoint", "run/best.safetensors"];
  return runCli(["predict", ...checkpoint, "--input", "data/images", "-o", "out", ...more]);
};
