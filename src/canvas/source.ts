// What is predicted, as a source of tiles: a picture that the browser puts into a texture, where
// shaders cut and normalise it, or an image in memory.

import { drawnOnCanvas, sizeOf } from "../browser/read-image.js";
import type { Image } from "../data/image-types.js";
import { cutTile } from "../data/mirror.js";
import { normalise } from "../data/normalise.js";
import { symmetricView } from "../data/symmetric-views.js";
import { workgroupsFor } from "../graph/dispatch.js";
import { BLOCK } from "../graph/layout.js";
import type { Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { Tiling } from "../predict/predict.js";
import type { Kernels } from "./kernels.js";

/** What a browser copies into a texture by itself. */
export type PictureSource = GPUCopyExternalImageSource;

export interface TileSource {
  readonly width: number;
  readonly height: number;
  /** Undefined for a picture, which is what the model takes. */
  readonly channels?: number | undefined;
  /** Runs the plan on the tile of a view of the source, whose corner is at (x, y) in the view. */
  run(tiling: Tiling, view: number, x: number, y: number): void;
  close(): void;
}

/** The pixels of `canvas-histogram`'s workgroups, the lanes of the others. */
const PIXELS = 4096;
const LANES = 64;

export function imageSource(image: Image): TileSource {
  const { width, height, channels } = image;
  const normalised = normalise(image);
  let cut = { index: 0, planes: symmetricView(normalised, 0) };
  return {
    width,
    height,
    channels,
    run({ plan, probabilities, tile }, index, x, y) {
      if (cut.index !== index) cut = { index, planes: symmetricView(normalised, index) };
      const values = cutTile(cut.planes, { x, y, width: tile, height: tile });
      plan.run({ [inputOf(probabilities).name]: values });
    },
    close() {},
  };
}

/**
 * Copies the source as it is at this moment. Errors: a source of no pixels or of more than a texture
 * holds, one whose pixels the page may not read.
 */
export function copyPicture(
  gpu: GPUDevice,
  kernels: Kernels,
  source: PictureSource,
  name: string,
): TileSource {
  // ImageData is no CanvasImageSource, but has its width and height like a canvas.
  const { width, height } = sizeOf(source as CanvasImageSource);
  const largest = gpu.limits.maxTextureDimension2D;
  if (!(width > 0 && height > 0)) {
    throw new Error(`${name} has ${width}x${height} pixels, expected a loaded picture`);
  }
  if (Math.max(width, height) > largest) {
    throw new Error(
      `${name} has ${width}x${height} pixels, but a texture of this adapter at most ${largest} a side: take it as an image by readImage`,
    );
  }
  const { TEXTURE_BINDING, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
  const { faults } = kernels;
  const texture = faults.guard(() =>
    gpu.createTexture({
      label: name,
      size: [width, height],
      format: "rgba8unorm",
      usage: TEXTURE_BINDING | COPY_DST | RENDER_ATTACHMENT,
    }),
  );
  try {
    faults.guard(() => copyInto(gpu.queue, texture, source));
  } catch (error) {
    texture.destroy();
    throw new Error(`${name}: its pixels cannot be read: ${(error as Error).message}`);
  }
  return pictureSource(gpu, kernels, texture, name);
}

/** Copies the picture; kinds that the browser's WebGPU does not take go by a canvas. */
function copyInto(queue: GPUQueue, texture: GPUTexture, source: PictureSource): void {
  const size = [texture.width, texture.height];
  try {
    queue.copyExternalImageToTexture({ source }, { texture }, size);
  } catch (error) {
    // Firefox 153 refuses the types ImageData, VideoFrame and HTMLVideoElement.
    if (!(error instanceof TypeError)) throw error;
    const { canvas } = drawnOnCanvas(source);
    queue.copyExternalImageToTexture({ source: canvas }, { texture }, size);
  }
}

/** The picture in a texture of 8 bits a channel, which is destroyed with it. */
export function pictureSource(
  gpu: GPUDevice,
  kernels: Kernels,
  texture: GPUTexture,
  name: string,
): TileSource {
  const { width, height } = texture;
  const picture = texture.createView();
  const usage = GPUBufferUsage.STORAGE;
  const storage = (label: string) =>
    kernels.faults.guard(() => gpu.createBuffer({ label, size: 3 * 256 * 4, usage }));
  const [counts, table] = [storage(`values of ${name}`), storage(`normalisation of ${name}`)];
  let isCounted = false;

  function normaliseOnce(channels: number) {
    if (isCounted) return;
    isCounted = true;
    const uniforms = { whole: [width, height, channels] };
    const workgroups = workgroupsFor(width * height, PIXELS);
    kernels.dispatch("canvas-histogram", [picture, { buffer: counts }], workgroups, uniforms);
    const bins = workgroupsFor(256 * channels, LANES);
    kernels.dispatch("canvas-table", [{ buffer: counts }, { buffer: table }], bins);
  }

  return {
    width,
    height,
    run({ plan, probabilities, tile }, view, x, y) {
      const input = inputOf(probabilities);
      const channels = input.shape[1];
      if (channels !== 1 && channels !== 3) {
        throw new Error(`${name} is a picture, of 1 or 3 channels: the model takes ${channels}`);
      }
      normaliseOnce(channels);
      const blocks = Math.ceil(tile / BLOCK);
      const workgroups = workgroupsFor((tile * blocks * channels * BLOCK) / 4, LANES);
      const resources = [picture, { buffer: table }, plan.place(input)];
      kernels.dispatch("canvas-tile", resources, workgroups, {
        whole: [width, height, channels, view, x, y, tile, blocks],
      });
      plan.run();
    },
    close() {
      texture.destroy();
      counts.destroy();
      table.destroy();
    },
  };
}

/** The input of a graph that has one. */
function inputOf(output: Tensor): Tensor {
  const read = nodesFor([output]).flatMap(({ inputs }) => inputs);
  return read.find(({ source }) => source?.kind === "input") as Tensor;
}
