// The page of canvas.ts.

import { createCanvasPredictor } from "../src/canvas/index.js";
import {
  createPredictor,
  imageFromRaw,
  modelConfig,
  predictedClasses,
  readImage,
  requestDevice,
  unet,
} from "../src/index.js";
import { initialValues, slice } from "../src/model/parameters.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Times {
  /** Milliseconds from the picture to the mask on the canvas, until the GPU is done. */
  readonly total: number[];
  /** The longest time during which the page was blocked. */
  readonly wait: number[];
}

/** The smallest U-Net. */
function checkpoint() {
  const model = unet(modelConfig({ base: 1, depth: 1 }));
  const values = initialValues(model.parameters, 1);
  const tensors = model.parameters.list.map((parameter) => {
    const data = slice(parameter, values);
    return [parameter.name, { shape: parameter.shape, data }] as const;
  });
  const metadata = { model: model.config, normalisation: { kind: "image" } } as const;
  return { tensors: new Map(tensors), metadata };
}

/** A grey picture that the browser keeps on the GPU if it can. */
async function picture({ width, height }: Size): Promise<ImageBitmap> {
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const value = 128 + 90 * Math.sin(i / 7) * Math.cos(i / (3 * width)) + ((i * 31) % 23);
    pixels.data.set([value, value, value, 255], 4 * i);
  }
  return createImageBitmap(pixels);
}

function pixelsOf(canvas: HTMLCanvasElement): Uint8ClampedArray {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(canvas, 0, 0);
  return context.getImageData(0, 0, copy.width, copy.height).data;
}

/** Runs `work` and adds its times; a timer of 1 ms measures how long the page was blocked. */
async function timed(times: Times, work: () => Promise<unknown>): Promise<void> {
  let [last, longest] = [performance.now(), 0];
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  const start = performance.now();
  await work();
  times.total.push(performance.now() - start);
  tick();
  clearInterval(timer);
  times.wait.push(longest);
}

export async function timeRoads([size, repeats]: readonly [Size, number]) {
  using device = await requestDevice();
  using predictor = await createPredictor(device, checkpoint());
  using canvases = await createCanvasPredictor(device, predictor);
  const source = await picture(size);
  const [plain, drawn] = [0, 1].map(() => Object.assign(document.createElement("canvas"), size));
  const context = plain.getContext("2d") as CanvasRenderingContext2D;
  const byProcessor = async () => {
    const image = imageFromRaw(await readImage(source, "picture"));
    const { probabilities, classes } = await predictor.predict(image, "picture");
    const mask = new ImageData(size.width, size.height);
    const found = new Uint32Array(mask.data.buffer);
    for (const [i, index] of predictedClasses(probabilities, classes).entries()) {
      found[i] = index === 0 ? 0xff000000 : 0xffffffff;
    }
    context.putImageData(mask, 0, 0);
  };
  const byGpu = async () => {
    using prediction = await canvases.predict(source, "picture");
    prediction.draw(drawn);
    await device.idle();
  };
  await byProcessor();
  using prediction = await canvases.predict(source, "picture");
  prediction.draw(drawn);
  const [expected, got] = [pixelsOf(plain), pixelsOf(drawn)];
  const different = expected.reduce((sum, value, i) => sum + Number(value !== got[i]), 0);
  // Pixels can differ where both classes are equally probable up to rounding.
  if (different > expected.length / 1000)
    throw new Error(`${different} values of the masks differ`);
  const { plan, origins } = await predictor.tiles(size, "picture");
  const alone = async () => {
    for (const _ of origins) {
      plan.run();
      await device.idle();
    }
  };
  const [processor, gpu, network] = [0, 1, 2].map((): Times => ({ total: [], wait: [] }));
  for (let i = 0; i < repeats; i++) {
    await timed(network, alone);
    await timed(processor, byProcessor);
    await timed(gpu, byGpu);
  }
  return { network: network.total, processor, gpu };
}
