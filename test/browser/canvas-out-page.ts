// The pages of canvas.test.ts for output: predictions on canvases, and released resources.

import { drawCells, followVideo } from "../../examples/draw-on-canvas.js";
import { createCanvasPredictor, type Look } from "../../src/canvas/index.js";
import { createPredictor, requestDevice } from "../../src/index.js";
import { syntheticCheckpoint } from "./canvas-checkpoint.js";
import { element, opened, paint, pixelsOf, type Size, videoOf } from "./canvas-pictures.js";

/** Returns what a canvas shows, red, green, blue, alpha, composited over black. */
function shown(canvas: HTMLCanvasElement | OffscreenCanvas): number[] {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  return [...context.getImageData(0, 0, copy.width, copy.height).data];
}

/** The pixels of both kinds of canvas in these looks, one after the other, and the probabilities. */
export async function drawLooks([size, colours, classes, looks]: readonly [
  Size,
  number[],
  number,
  readonly Look[],
]) {
  return opened({ classes }, async ({ canvases }) => {
    using prediction = await canvases.predict(pixelsOf(size, colours), "pixels");
    const canvas = document.createElement("canvas");
    const offscreen = new OffscreenCanvas(7, 7);
    const pixels = looks.map((look) => {
      prediction.draw(canvas, look);
      prediction.draw(offscreen, look);
      return [shown(canvas), shown(offscreen)];
    });
    return { pixels, probabilities: [...(await prediction.read()).probabilities] };
  });
}

/**
 * Buffers and textures that are not destroyed after `count` pictures, once closed; the largest
 * number at a time; and how many could be read by the page while it predicted and drew.
 */
export async function countMemory([size, colours, count]: readonly [Size, number[], number]) {
  const alive = new Set<object>();
  let [most, readable] = [0, 0];
  using device = await requestDevice();
  const { gpu } = device;
  for (const name of ["createBuffer", "createTexture"] as const) {
    const create = gpu[name].bind(gpu) as (descriptor: GPUBufferDescriptor) => GPUBuffer;
    Object.assign(gpu, {
      [name](descriptor: GPUBufferDescriptor) {
        const made = create(descriptor);
        const destroy = made.destroy.bind(made);
        made.destroy = () => {
          alive.delete(made);
          return destroy();
        };
        alive.add(made);
        most = Math.max(most, alive.size);
        if (name === "createBuffer")
          readable += Number((descriptor.usage & GPUBufferUsage.MAP_READ) > 0);
        return made;
      },
    });
  }
  {
    using predictor = await createPredictor(device, syntheticCheckpoint(1, 2), { tile: 36 });
    using canvases = await createCanvasPredictor(device, predictor);
    const canvas = document.createElement("canvas");
    for (let i = 0; i < count; i++) {
      const prediction = await canvases.predict(pixelsOf(size, colours), "pixels");
      prediction.draw(canvas, { kind: "overlay" });
      if (i % 2 === 0) prediction.close(); // the others are closed with the predictor
    }
  }
  await device.idle();
  device.check();
  return { left: alive.size, most, readable };
}

/**
 * The probabilities of pixels and of an image as they are, and when the GPU is lost after a tile; what an
 * earlier prediction then says; and what a canvas shows of a later one.
 */
export async function loseGpu([size, colours]: readonly [Size, number[]]) {
  using device = await requestDevice();
  using predictor = await createPredictor(device, syntheticCheckpoint(1, 2), { tile: 36 });
  let loses = false;
  using canvases = await createCanvasPredictor(device, predictor, {
    onTile(done) {
      if (!loses || done !== 2) return;
      loses = false;
      device.gpu.destroy();
    },
  });
  const data = Float32Array.from({ length: size.width * size.height }, (_, i) => (i % 13) / 13);
  const pictures = [pixelsOf(size, colours), { ...size, channels: 1, data }];
  const found: number[][] = [];
  let first: Awaited<ReturnType<typeof canvases.predict>> | undefined;
  for (const lost of [false, true]) {
    for (const picture of pictures) {
      loses = lost;
      const prediction = await canvases.predict(picture, "picture");
      found.push([...(await prediction.read()).probabilities]);
      first ??= prediction;
    }
  }
  const canvas = document.createElement("canvas");
  let problem = "";
  try {
    first?.draw(canvas);
  } catch (error) {
    problem = (error as Error).message;
  }
  device.gpu.destroy();
  const last = await canvases.predict(pixelsOf(size, colours), "picture");
  last.draw(canvas);
  return { found, problem, renewals: device.renewals, drawn: shown(canvas) };
}

/** The errors of what cannot be predicted or drawn. */
export async function refusals(): Promise<string[]> {
  const told = (work: () => unknown) =>
    Promise.resolve()
      .then(work)
      .then(
        () => "no error",
        (error: Error) => error.message,
      );
  const pixels = new ImageData(5, 4);
  const wide = new OffscreenCanvas(20000, 1);
  wide.getContext("2d");
  return opened({}, async ({ canvases, predictor, device }) => {
    const prediction = await canvases.predict(pixels, "pixels");
    const plain = element({ width: 5, height: 4 });
    plain.getContext("2d");
    const messages = [
      await told(() => canvases.predict(new Image(), "empty")),
      await told(() =>
        canvases.predict({ width: 1, height: 1, channels: 3, data: new Float32Array(3) }, "rgb"),
      ),
      await told(() => canvases.predict(wide, "wide")).then((text) =>
        text.replace(/\d+ per side/, "N per side"),
      ),
      await told(() => prediction.draw(plain)),
      await told(() =>
        prediction.draw(document.createElement("canvas"), { kind: "probability", class: 2 }),
      ),
    ];
    prediction.close();
    messages.push(await told(() => prediction.draw(document.createElement("canvas"))));
    messages.push(await told(() => prediction.read()));
    const second = await createCanvasPredictor(device, predictor);
    second.close();
    messages.push(await told(() => second.predict(pixels, "pixels")));
    const tiles: string[] = [];
    const third = await createCanvasPredictor(device, predictor, {
      onTile(done, total) {
        tiles.push(`${done}/${total}`);
        if (done === 2) third.close();
      },
    });
    const large = new ImageData(70, 40);
    messages.push(await told(() => third.predict(large, "large")), tiles.join(" "));
    return messages;
  });
}

/** Draws a picture with the example, and reads what it shows of a video when it is stopped. */
export async function runExample([path, size, colours]: readonly [string, Size, number[]]) {
  const file = new Uint8Array(await (await fetch(path)).arrayBuffer());
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no adapter");
  const gpu = await adapter.requestDevice();
  const pixels = pixelsOf(size, colours);
  const overlay = document.createElement("canvas");
  await drawCells(file, pixels, overlay, gpu);
  const cells = shown(overlay);
  const video = await videoOf(paint(element(size), pixels), pixels);
  const followed = document.createElement("canvas");
  const stop = new AbortController();
  const following = followVideo(file, video, followed, gpu, stop.signal);
  while (followed.width !== size.width) await new Promise(requestAnimationFrame);
  stop.abort();
  await following;
  // The app's device is still usable.
  gpu.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM }).destroy();
  return { cells, video: [followed.width, followed.height] };
}

/** The pixels that a Worker draws on a canvas of this page, and the probabilities it read. */
export async function drawInWorker([path, size, colours]: readonly [string, Size, number[]]) {
  const worker = new Worker(path, { type: "module" });
  const canvas = document.createElement("canvas");
  document.body.append(canvas);
  const offscreen = canvas.transferControlToOffscreen();
  try {
    const probabilities = await new Promise<number[]>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(`the Worker: ${event.message || "no script"}`));
      worker.onmessage = ({ data }) => {
        if (data.error) reject(new Error(data.error));
        else resolve(data.probabilities);
      };
      worker.postMessage({ offscreen, ...size, colours: Uint8ClampedArray.from(colours) }, [
        offscreen,
      ]);
    });
    // A frame reaches the page when the Worker's task is over; that of the first drawing has greys.
    const isLast = (pixels: number[]) => {
      const reds = new Set(pixels.filter((_, i) => i % 4 === 0));
      return reds.size === 2 && reds.has(0) && reds.has(255);
    };
    let pixels: number[] = [];
    for (let tries = 0; tries < 100; tries++) {
      await new Promise(requestAnimationFrame);
      pixels = shown(canvas);
      if (canvas.width === size.width && isLast(pixels)) break;
    }
    return { pixels, probabilities };
  } finally {
    worker.terminate();
    canvas.remove();
  }
}
