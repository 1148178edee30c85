// Trains on a folder of images and labels, keeps the best checkpoint, segments one image.
//   node dist/examples/train.js FOLDER (FOLDER/images/*.png, FOLDER/labels/*.png)

import { writeFileSync } from "node:fs";
import {
  createPredictor,
  encodePng,
  findPairs,
  loadCheckpoint,
  loadSamples,
  modelConfig,
  openDevice,
  saveCheckpoint,
  selectValidation,
  train,
  trainingConfig,
} from "../src/node.js"; // in your own project: from "micrograph/node"

const { pairs } = await findPairs({ folder: process.argv[2] ?? "data" });
const { samples } = await loadSamples(pairs);
const names = selectValidation(samples.map(({ name }) => name));
const pick = (wanted: readonly string[]) => samples.filter(({ name }) => wanted.includes(name));
const data = { training: pick(names.training), validation: pick(names.validation) };

const device = await openDevice();
await train(device, data, modelConfig({ base: 16 }), trainingConfig({ maxMinutes: 10 }), {
  onEvent(event) {
    if (event.type === "validation") console.log(event.step, event.loss, event.wrongPixels);
  },
  onCheckpoint: (kind, checkpoint) => saveCheckpoint(`${kind}.safetensors`, checkpoint),
});

const predictor = await createPredictor(device, await loadCheckpoint("best.safetensors"));
const [{ image, name }] = data.validation;
const { probabilities, width, height } = await predictor.predict(image, name);
const cell = probabilities.subarray(width * height); // class 1
const mask = Uint8Array.from(cell, (p) => (p > 0.5 ? 255 : 0));
writeFileSync("mask.png", encodePng({ width, height, channels: 1, bitDepth: 8, data: mask }));
device.close();
