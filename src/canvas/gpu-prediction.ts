// Probabilities that stay on the GPU: they are drawn to a canvas from there, and read only if
// requested.

import type { Device } from "../gpu/device.js";
import type { Prediction } from "../train/training-types.js";
import type { Kernels } from "./kernels.js";
import { drawingOf, type Look } from "./look.js";

/** What can be drawn on. */
export type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** The prediction of a whole picture, on the GPU. */
export interface GpuPrediction {
  /** Columns of the picture, in pixels. */
  readonly width: number;
  /** Rows of the picture, in pixels. */
  readonly height: number;
  /** Number of classes. */
  readonly classes: number;
  /** [classes][height][width], 32-bit floats, for shaders of your own. */
  readonly buffer: GPUBuffer;
  /**
   * Draws it, by default as a mask. The canvas gets the size of the picture (CSS can scale it) and
   * a WebGPU context with premultiplied alpha; this is its next frame. Nothing is read back. Throws
   * for a canvas with another kind of context, for a look that does not fit the classes, and after
   * `close`.
   */
  draw(canvas: Canvas, look?: Look): void;
  /** Returns the same values as `Predictor.predict`. */
  read(): Promise<Prediction>;
  /** Releases its memory on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** What `createPrediction` needs besides a size. */
export interface PredictionTools {
  readonly device: Device;
  readonly kernels: Kernels;
  /** The format of canvases, for which the pipelines were compiled. */
  readonly format: GPUTextureFormat;
  /** The predictions that are not closed. */
  readonly open: Set<GpuPrediction>;
}

/** Allocates a prediction. Throws if the adapter cannot bind that much. */
export function createPrediction(
  { device, kernels, format, open }: PredictionTools,
  size: Pick<GpuPrediction, "width" | "height" | "classes">,
  name: string,
): GpuPrediction {
  const { gpu } = device;
  const { width, height, classes } = size;
  const bytes = classes * width * height * 4;
  const limit = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  if (bytes > limit) {
    throw new Error(
      `the probabilities of ${name}, ${width}x${height} of ${classes} classes, need ${bytes} bytes, but this adapter binds at most ${limit}: use Predictor.predict`,
    );
  }
  const { faults } = kernels;
  const buffer = faults.guard(() =>
    gpu.createBuffer({
      label: `probabilities of ${name}`,
      size: bytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    }),
  );
  let closed = false;
  const checkOpen = () => {
    device.checkOpen();
    if (device.gpu !== gpu) {
      throw new Error(`the prediction of ${name} was lost with the GPU: predict it again`);
    }
    faults.check();
    if (closed) throw new Error(`the prediction of ${name} is closed`);
  };
  const close = () => {
    closed = true;
    buffer.destroy();
    open.delete(prediction);
  };
  const prediction: GpuPrediction = {
    width,
    height,
    classes,
    buffer,
    draw(canvas, look = { kind: "mask" }) {
      checkOpen();
      const { colours, uniforms } = drawingOf(size, look);
      faults.guard(() => {
        const view = frameOf(gpu, format, canvas, size).createView();
        kernels.draw(view, buffer, colours, uniforms);
      });
    },
    async read() {
      checkOpen();
      const probabilities = await readFloats(device, buffer);
      await faults.known();
      faults.check();
      return { width, height, classes, probabilities };
    },
    close,
    [Symbol.dispose]: close,
  };
  open.add(prediction);
  return prediction;
}

/**
 * The contexts of the canvases that were drawn on. For a canvas that was transferred to a Worker,
 * Firefox 153 returns the context only once: `getContext` throws from the second call on.
 */
const contexts = new WeakMap<Canvas, GPUCanvasContext>();

function contextOf(canvas: Canvas): GPUCanvasContext {
  const known = contexts.get(canvas);
  if (known) return known;
  let context: GPUCanvasContext | null;
  try {
    context = canvas.getContext("webgpu") as GPUCanvasContext | null;
  } catch (error) {
    throw new Error(
      `the canvas gives no context: ${(error as Error).message} (if the canvas was transferred, only draw may request its context)`,
    );
  }
  if (!context) throw new Error("the canvas has a context of another kind, expected a WebGPU one");
  contexts.set(canvas, context);
  return context;
}

/** Returns the next frame of a canvas, resized to the picture. */
function frameOf(
  device: GPUDevice,
  format: GPUTextureFormat,
  canvas: Canvas,
  { width, height }: Pick<GpuPrediction, "width" | "height">,
): GPUTexture {
  const context = contextOf(canvas);
  // Setting a size clears the canvas.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const { device: owner, format: old, alphaMode } = context.getConfiguration?.() ?? {};
  if (owner !== device || old !== format || alphaMode !== "premultiplied") {
    context.configure({ device, format, alphaMode: "premultiplied" });
  }
  return context.getCurrentTexture();
}

async function readFloats(device: Device, buffer: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
  const { gpu } = device;
  const { COPY_DST, MAP_READ } = GPUBufferUsage;
  const label = `read of ${buffer.label}`;
  const { value, refused } = device.guard(label, () => {
    const staging = gpu.createBuffer({ label, size: buffer.size, usage: COPY_DST | MAP_READ });
    const encoder = gpu.createCommandEncoder({ label });
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    gpu.queue.submit([encoder.finish()]);
    return { staging, mapped: staging.mapAsync(GPUMapMode.READ) };
  });
  const { staging, mapped } = value;
  try {
    await device.wait(mapped);
    device.checkOpen();
    const error = await refused;
    if (error) throw error;
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}
