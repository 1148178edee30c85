import { test } from "uvu";
import * as assert from "uvu/assert";
import { createKernels, type Kernels } from "../../src/canvas/kernels.js";
import { drawingOf, type Look } from "../../src/canvas/look.js";
import { pictureSource } from "../../src/canvas/picture-source.js";
import { defaultColour } from "../../src/data/classes.js";
import { normalise, normaliseInto } from "../../src/data/normalise.js";
import { random, randomInteger } from "../../src/data/random.js";
import type { Device } from "../../src/gpu/device.js";
import { predictedClasses } from "../../src/metrics/pixels.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise, relativeError } from "../numbers.js";
import { throughIdentity } from "./identity.js";

/** A texture of 8 bits per channel with these pixels, red, green, blue, alpha. */
function textureOf(
  { gpu }: Device,
  width: number,
  height: number,
  pixels: Uint8Array<ArrayBuffer>,
): GPUTexture {
  const { TEXTURE_BINDING, COPY_DST } = GPUTextureUsage;
  const usage = TEXTURE_BINDING | COPY_DST;
  const texture = gpu.createTexture({ size: [width, height], format: "rgba8unorm", usage });
  gpu.queue.writeTexture({ texture }, pixels, { bytesPerRow: 4 * width }, [width, height]);
  return texture;
}

type How = Parameters<typeof throughIdentity>[2];

async function normalisedOnGpu(texture: GPUTexture, how: How): Promise<Float32Array> {
  const device = await testDevice();
  const sourceOf = (kernels: Kernels) => pictureSource(device.gpu, kernels, texture, "noise");
  return throughIdentity(device, sourceOf, how);
}

test("a picture in a texture is normalised, cut, mirrored, turned and put together as an image", async () => {
  const device = await testDevice();
  const next = random(3, 1);
  for (const [width, height, channels] of [
    [37, 21, 3],
    [5, 70, 1],
    [1, 1, 1],
  ]) {
    const count = width * height;
    const pixels = new Uint8Array(4 * count);
    const data = new Float32Array(channels * count);
    for (let i = 0; i < count; i++) {
      const drawn = [0, 1, 2].map((c) => randomInteger(next, c === 2 ? 3 : 256));
      const colour = channels === 3 ? drawn : [drawn[0], drawn[0], drawn[0]];
      pixels.set([...colour, 255], 4 * i);
      for (let c = 0; c < channels; c++) data[c * count + i] = colour[c] / 255;
    }
    const expected = normalise({ width, height, channels, data }).data;
    // One tile; tiles that overlap, with margins wider than the picture; the mean over all views.
    for (const how of [
      { tile: 72, side: 72, symmetries: 1 },
      { tile: 50, side: 18, symmetries: 1 },
      { tile: 50, side: 18, symmetries: 8 },
    ]) {
      const texture = textureOf(device, width, height, pixels);
      const got = await normalisedOnGpu(texture, { channels, ...how });
      const where = `${width}x${height}x${channels} by ${JSON.stringify(how)}`;
      assert.is(got.length, expected.length, where);
      // Sums of 32 bits instead of 64. A single pixel has no standard deviation: zeros in both.
      if (count === 1) assert.equal([...got], [...expected], where);
      else assert.ok(relativeError(got, expected) < 2e-6, where);
    }
  }
});

test("a picture is normalised by given statistics, as an image is, to the bit", async () => {
  const device = await testDevice();
  const [width, height, channels] = [9, 7, 3];
  const pixels = Uint8Array.from({ length: 4 * 63 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 37) % 256,
  );
  const data = Float32Array.from({ length: 3 * 63 }, (_, i) => {
    return pixels[4 * (i % 63) + Math.floor(i / 63)] / 255;
  });
  const scales = [0.1, 0.5, 0.7].map((mean, i) => ({ mean, deviation: [0.3, 0.02, 0][i] }));
  const normalisation = {
    kind: "statistics",
    mean: scales.map(({ mean }) => mean),
    deviation: scales.map(({ deviation }) => deviation),
  } as const;
  const texture = textureOf(device, width, height, pixels);
  const how = { channels, tile: 12, side: 12, symmetries: 1 };
  const sourceOf = (kernels: Kernels) =>
    pictureSource(device.gpu, kernels, texture, "picture", normalisation);
  const got = await throughIdentity(device, sourceOf, how);
  const expected = new Float32Array(data.length);
  const whole = { x: 0, y: 0, width, height };
  normaliseInto(expected, { width, height, channels, data }, scales, whole);
  assert.equal(got, expected);
});

test("a few pixels that differ by one step are normalised as exactly", async () => {
  const device = await testDevice();
  const [width, height] = [150, 150];
  const values = Uint8Array.from({ length: width * height }, (_, i) =>
    i % 7000 === 9 ? 251 : 250,
  );
  const pixels = Uint8Array.from({ length: 4 * values.length }, (_, i) => values[i >> 2]);
  const data = Float32Array.from(values, (value) => value / 255);
  const expected = normalise({ width, height, channels: 1, data }).data;
  const texture = textureOf(device, width, height, pixels);
  const got = await normalisedOnGpu(texture, { channels: 1, tile: 152, side: 152, symmetries: 1 });
  // Steps of f32 near 250/255 are the error of the image in memory, so the tolerance is looser.
  assert.ok(relativeError(got, expected) < 2e-5, `${relativeError(got, expected)}`);
});

test("what is coloured becomes the luma for a network of one channel", async () => {
  const device = await testDevice();
  const pixels = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 7, 7, 7, 255);
  const data = Float32Array.of(54, 182, 18, 7);
  const expected = normalise({ width: 4, height: 1, channels: 1, data }).data;
  const texture = textureOf(device, 4, 1, pixels);
  const got = await normalisedOnGpu(texture, { channels: 1, tile: 4, side: 4, symmetries: 1 });
  assert.ok(relativeError(got, expected) < 2e-6);
});

/** The pixels of a look for these probabilities, red, green, blue, alpha. */
async function drawn(
  kernels: Kernels,
  probabilities: Float32Array<ArrayBuffer>,
  size: { width: number; height: number; classes: number },
  look: Look,
): Promise<number[]> {
  const device = await testDevice();
  const { gpu } = device;
  const { STORAGE, COPY_DST, MAP_READ } = GPUBufferUsage;
  const values = gpu.createBuffer({ size: probabilities.byteLength, usage: STORAGE | COPY_DST });
  gpu.queue.writeBuffer(values, 0, probabilities);
  const { width, height } = size;
  const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC;
  const texture = gpu.createTexture({ size: [width, height], format: "rgba8unorm", usage });
  const { colours, uniforms } = drawingOf(size, look);
  kernels.draw(texture.createView(), values, colours, uniforms);
  const bytesPerRow = 256;
  const staging = gpu.createBuffer({ size: bytesPerRow * height, usage: COPY_DST | MAP_READ });
  const encoder = gpu.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer: staging, bytesPerRow }, [width, height]);
  gpu.queue.submit([encoder.finish()]);
  await device.wait(staging.mapAsync(GPUMapMode.READ));
  device.check();
  const bytes = new Uint8Array(staging.getMappedRange());
  const rows = Array.from({ length: height }, (_, y) => [
    ...bytes.subarray(y * bytesPerRow, y * bytesPerRow + 4 * width),
  ]);
  for (const made of [values, texture, staging]) made.destroy();
  return rows.flat();
}

test("masks, probabilities and overlays are the pixels that the processor would draw", async () => {
  const kernels = await createKernels(await testDevice(), "rgba8unorm");
  for (const classes of [2, 3, 5]) {
    const size = { width: 37, height: 11, classes };
    const count = size.width * size.height;
    // Some pixels are equally probable in all classes.
    const probabilities = Float32Array.from(noise(classes * count, 4), (value, i) =>
      (i % count) % 5 === 0 ? 0.25 : Math.abs(Math.sin(9 * value)),
    );
    const found = predictedClasses(probabilities, classes);
    const mask = await drawn(kernels, probabilities, size, { kind: "mask" });
    const greyOf = (index: number) => [255 * index, 255 * index, 255 * index];
    const colourOf = (index: number) => (classes === 2 ? greyOf(index) : defaultColour(index));
    assert.equal(
      mask,
      [...found].flatMap((index) => [...colourOf(index), 255]),
    );

    const look = { kind: "probability", class: classes - 1 } as const;
    const grey = await drawn(kernels, probabilities, size, look);
    const last = probabilities.subarray((classes - 1) * count);
    assert.equal(
      grey,
      [...last].flatMap((value) => [
        ...greyOf(Math.floor(Math.fround(value * 255) + 0.5) / 255),
        255,
      ]),
    );

    const colours = [undefined, [250, 0, 100], [0, 40, 80]] as const;
    const over = await drawn(kernels, probabilities, size, {
      kind: "overlay",
      opacity: 0.6,
      colours,
    });
    const expected = [...found].flatMap((index) => {
      const colour = colours[index];
      return colour ? [...colour.map((value) => 0.6 * value), 0.6 * 255] : [0, 0, 0, 0];
    });
    // Rounded by the adapter, half up or down.
    for (const [i, value] of over.entries())
      assert.ok(Math.abs(value - expected[i]) < 0.51, `${i}`);
  }
  kernels.close();
});

test("a threshold decides between two classes: above it is class 1", async () => {
  const kernels = await createKernels(await testDevice(), "rgba8unorm");
  const probabilities = Float32Array.of(0.7, 0.75, 0.8, 0.2, 0.3, 0.25, 0.2, 0.8);
  const size = { width: 4, height: 1, classes: 2 };
  const colours = [
    [1, 2, 3],
    [4, 5, 6],
  ] as const;
  const got = await drawn(kernels, probabilities, size, { kind: "mask", threshold: 0.25, colours });
  assert.equal(got, [4, 5, 6, 255, 1, 2, 3, 255, 1, 2, 3, 255, 4, 5, 6, 255]);
  kernels.close();
});

test("a look that does not fit is an error with what was expected", () => {
  const size = { width: 4, height: 4, classes: 3 };
  const looks: [Look, string][] = [
    [{ kind: "mask", threshold: 0.4 }, "a threshold needs two classes, got 3"],
    [{ kind: "probability", class: 3 }, "class: got 3, expected 0 to 2"],
    [{ kind: "overlay", opacity: 35 }, "opacity: got 35, expected 0 to 1"],
  ];
  for (const [look, message] of looks) {
    assert.is(
      messageOf(() => drawingOf(size, look)),
      message,
    );
  }
  const tooHigh = () => drawingOf({ ...size, classes: 2 }, { kind: "mask", threshold: 127 });
  assert.is(messageOf(tooHigh), "threshold: got 127, expected 0 to 1");
});

test.run();
