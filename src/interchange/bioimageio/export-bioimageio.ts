// Checkpoints as packages of the bioimage.io zoo.

import { classLegend } from "../../data/classes.js";
import type { StoredImage } from "../../data/image-types.js";
import { cutTile } from "../../data/mirror.js";
import { classFieldsOf } from "../../data/task.js";
import { writeNpy } from "../../formats/npy.js";
import type { Device } from "../../gpu/device.js";
import { createModel } from "../../model/architectures.js";
import type { Checkpoint } from "../../train/training-types.js";
import type { ExportedFile } from "../exported-file.js";
import { type ExportedOnnx, exportOnnx } from "../onnx/export-onnx.js";
import { readOnnxGraph } from "../onnx/import-onnx.js";
import type { ImageArray } from "../onnx/tensor-axes.js";
import { coverPicture } from "./cover-picture.js";
import {
  describeModel,
  FILES,
  identifiers,
  normalisationStep,
  smallestTile,
} from "./describe-model.js";
import { type BioimageioOptions, checkPackageOptions } from "./package-options.js";
import { applySteps } from "./processing.js";
import { readmeText } from "./readme-text.js";
import { runGraph } from "./run-graph.js";
import { yamlText } from "./yaml-text.js";

/** The files of a package. */
export interface ExportedBioimageio {
  /** For a folder, or for a zip file (`writeZip`), which programs of the zoo install. */
  readonly files: readonly ExportedFile[];
  /** The smallest height and width, in pixels. */
  readonly smallest: number;
  /** Height and width are multiples of this. */
  readonly step: number;
  /** Pixels that are cut at each side of a tile. */
  readonly halo: number;
}

/** The test is of about this size. */
const TEST_SIDE = 256;

/**
 * Writes a network as a package of the bioimage.io zoo, of format 0.5.7: an ONNX file, a test made from an image, a
 * cover, and a description of how images are normalised and tiled. Its test output is what the engine computes for
 * the ONNX file. Throws for options that no package can have, for an image with another number of channels, and for
 * an op that has no form in ONNX.
 */
export async function exportBioimageio(
  device: Device,
  checkpoint: Checkpoint,
  options: BioimageioOptions,
): Promise<ExportedBioimageio> {
  checkPackageOptions(options);
  const { metadata, models } = checkpoint;
  const model = createModel(metadata.model, models);
  const onnx = exportOnnx(checkpoint);
  const test = testOf(options.image, metadata.model.channels, onnx);
  const maximum = test.maximum ?? 1;
  const output = await outputOf(
    device,
    onnx,
    test,
    normalisationStep(metadata.normalisation, maximum),
  );
  const [, count] = output.shape;
  const { names } = classLegend(classFieldsOf(metadata));
  const maps = identifiers(count === names.length ? names : names.slice(-count));
  const { width, height } = test;
  const probabilities = { width, height, channels: count, data: output.data };
  const shape = [1, metadata.model.channels, height, width];
  const files: ExportedFile[] = [
    { path: FILES.weights, bytes: onnx.bytes },
    { path: FILES.input, bytes: writeNpy({ shape, data: test.data }) },
    { path: FILES.output, bytes: writeNpy(output) },
    { path: FILES.cover, bytes: coverPicture(test, probabilities, metadata) },
  ];
  const digests = await digestsOf(files);
  const { step, halo } = onnx;
  const parts = { model, metadata, maps, maximum, sizes: onnx, opset: onnx.opset, digests };
  const texts = {
    [FILES.documentation]: readmeText(options, parts),
    [FILES.description]: yamlText(describeModel(options, parts)),
  };
  const written = Object.entries(texts).map(([path, text]) => ({
    path,
    bytes: new TextEncoder().encode(text),
  }));
  return { files: [...written, ...files], smallest: smallestTile(onnx), step, halo };
}

type Test = StoredImage & { readonly data: Float32Array };

/** A square from the centre of the image, of a size that the network takes; mirrored if the image is smaller. */
function testOf(image: StoredImage, channels: number, sizes: ExportedOnnx): Test {
  const { width, height, data } = image;
  if (image.channels !== channels) {
    throw new Error(`the image has ${image.channels} channels, expected ${channels}`);
  }
  const smallest = smallestTile(sizes);
  const wanted = Math.min(width, height, Math.max(TEST_SIDE, smallest));
  const steps = Math.max(0, Math.floor((wanted - smallest) / sizes.step));
  const side = smallest + steps * sizes.step;
  const from = (size: number) => Math.floor((size - side) / 2);
  const tile = { x: from(width), y: from(height), width: side, height: side };
  const planes = { width, height, channels, data: Float32Array.from(data) };
  return { ...tile, channels, maximum: image.maximum ?? 1, data: cutTile(planes, tile) };
}

/** What the ONNX file gives for the test. */
async function outputOf(
  device: Device,
  { bytes }: ExportedOnnx,
  { width, height, channels, data }: Test,
  step: Parameters<typeof applySteps>[1][number],
): Promise<{ readonly shape: readonly number[]; readonly data: Float32Array }> {
  const file = await readOnnxGraph(bytes, { name: FILES.weights, keepsEnd: true });
  const image: ImageArray = { shape: [1, channels, height, width], data: Float64Array.from(data) };
  const probabilities = await runGraph(device, file, applySteps(image, [step]));
  return { shape: probabilities.shape, data: Float32Array.from(probabilities.data) };
}

/** SHA-256 by path. A page that was not loaded over https has no digests. */
async function digestsOf(files: readonly ExportedFile[]): Promise<ReadonlyMap<string, string>> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) return new Map();
  const hex = async ({ path, bytes }: ExportedFile) => {
    const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
    return [
      path,
      Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    ] as const;
  };
  return new Map(await Promise.all(files.map(hex)));
}
