// A picture as a source of tiles: the browser copies it into a texture, from which shaders cut and
// normalise tiles.

import { drawnOnCanvas, sizeOf } from "../browser/read-image.js";
import type { Normalisation } from "../data/normalise.js";
import { workgroupsFor } from "../graph/dispatch.js";
import { BLOCK } from "../graph/layout.js";
import type { Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import type { GpuTileSource } from "../predict/read-tile.js";
import { canvasHistogram, canvasTable, canvasTile } from "../shaders/canvas.generated.js";
import type { Kernels } from "./kernels.js";

/** What a browser can copy into a texture. */
export type PictureSource = GPUCopyExternalImageSource;

export interface PictureTiles extends GpuTileSource {
  close(): void;
}

/** Pixels per workgroup of `canvas-histogram`, lanes of the other shaders. */
const PIXELS = 4096;
const LANES = 64;

/**
 * Copies the source as it is at this moment. Throws for a source without pixels or larger than a
 * texture, and if the page may not read its pixels.
 */
export function copyPicture(
  gpu: GPUDevice,
  kernels: Kernels,
  source: PictureSource,
  name: string,
  normalisation?: Normalisation,
): PictureTiles {
  // ImageData is not a CanvasImageSource, but has its width and height like a canvas.
  const { width, height } = sizeOf(source as CanvasImageSource);
  const largest = gpu.limits.maxTextureDimension2D;
  if (!(width > 0 && height > 0)) {
    throw new Error(`${name} has ${width}x${height} pixels, expected a loaded picture`);
  }
  if (Math.max(width, height) > largest) {
    throw new Error(
      `${name} has ${width}x${height} pixels, but a texture of this adapter at most ${largest} per side: read it as an image with readImage`,
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
  return pictureSource(gpu, kernels, texture, name, normalisation);
}

/**
 * Copies the picture; kinds that the browser's WebGPU does not accept are copied through a canvas.
 */
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

/**
 * Creates a source from the picture in a texture of 8 bits per channel, which is destroyed with it.
 */
export function pictureSource(
  gpu: GPUDevice,
  kernels: Kernels,
  texture: GPUTexture,
  name: string,
  normalisation: Normalisation = { kind: "image" },
): PictureTiles {
  const { width, height } = texture;
  const picture = texture.createView();
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const storage = (label: string) =>
    kernels.faults.guard(() => gpu.createBuffer({ label, size: 3 * 256 * 4, usage }));
  const [counts, table] = [storage(`values of ${name}`), storage(`normalisation of ${name}`)];
  let isCounted = false;

  function normaliseOnce(channels: number) {
    if (isCounted) return;
    isCounted = true;
    if (normalisation.kind === "percentiles") {
      throw new Error(`${name}: the network normalises by percentiles, which predict does`);
    }
    if (normalisation.kind === "statistics") {
      const { mean, deviation } = normalisation;
      const values = Float32Array.from({ length: 256 * channels }, (_, i) => {
        const channel = i >> 8;
        const value = Math.fround((i & 255) / 255) - mean[channel];
        return deviation[channel] && value / deviation[channel];
      });
      kernels.faults.guard(() => gpu.queue.writeBuffer(table, 0, values));
      return;
    }
    const uniforms = { whole: [width, height, channels] };
    const workgroups = workgroupsFor(width * height, PIXELS);
    kernels.dispatch(canvasHistogram, [picture, { buffer: counts }], workgroups, uniforms);
    const bins = workgroupsFor(256 * channels, LANES);
    kernels.dispatch(canvasTable, [{ buffer: counts }, { buffer: table }], bins);
  }

  return {
    width,
    height,
    draw({ tiling: { plan, probabilities, tile }, view, area: { x, y } }) {
      const input = inputOf(probabilities);
      const channels = input.shape[1];
      if (channels !== 1 && channels !== 3) {
        throw new Error(`${name} is a picture, of 1 or 3 channels: the model takes ${channels}`);
      }
      normaliseOnce(channels);
      const blocks = Math.ceil(tile / BLOCK);
      const workgroups = workgroupsFor((tile * blocks * channels * BLOCK) / 4, LANES);
      const resources = [picture, { buffer: table }, plan.place(input)] as const;
      kernels.dispatch(canvasTile, resources, workgroups, {
        whole: [width, height, channels, view, x, y, tile, blocks],
      });
    },
    close() {
      texture.destroy();
      counts.destroy();
      table.destroy();
    },
  };
}

/** Returns the only input of a graph. */
function inputOf(output: Tensor): Tensor {
  const read = nodesFor([output]).flatMap(({ inputs }) => inputs);
  return read.find(({ source }) => source?.kind === "input") as Tensor;
}
