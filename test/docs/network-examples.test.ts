// The first steps of the examples that train networks of other kinds.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { addNoise, denoise } from "../../examples/denoise.js";
import {
  CLASSES,
  dentalXray,
  diceByClass,
  segment,
  trainDental,
} from "../../examples/dental-xrays.js";
import { bestOf, filterPlane, GAUSSIANS, MEDIANS, median, psnr } from "../../examples/filters.js";
import { type Losses, trainDrawing } from "../../examples/image-to-image.js";
import { strokes, toPaint, transferStyle } from "../../examples/style-transfer.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { testDevice } from "../device.js";
import { sampledTest } from "../sample.js";

test("filters do what their names say, up to the edge", () => {
  const image = { width: 3, height: 2, channels: 1, data: Float32Array.of(0, 9, 1, 2, 3, 4) };
  // Around the first pixel the edge is repeated: 0 0 9, 0 0 9, 2 2 3.
  assert.is(filterPlane(image, median(1)).data[0], 2);
  const flat = { ...image, data: new Float32Array(6).fill(0.5) };
  for (const filter of [...GAUSSIANS, ...MEDIANS]) {
    assert.ok(filterPlane(flat, filter).data.every((value) => Math.abs(value - 0.5) < 1e-6));
  }
  const off = { ...flat, data: flat.data.map((value) => value + 0.1) };
  assert.ok(Math.abs(psnr(off, flat) - 20) < 1e-4, "a tenth of the range is 20 dB");
});

sampledTest("the denoiser learns from noisy images what is signal", async () => {
  const clean = syntheticSample({ seed: 1, width: 96, height: 96, noise: 0 }).image;
  const noisy = addNoise(clean, 1);
  const { images, losses } = await denoise(await testDevice(), [noisy], 24);
  assert.ok(losses[1] < 0.6 * losses[0], `the losses are ${losses}`);
  const [before, after] = [noisy, images[0]].map((image) => psnr(image, clean));
  // A network that only repeats its input gains nothing.
  assert.ok(after > before + 3, `${before} dB before, ${after} after`);
  assert.ok(psnr(bestOf(MEDIANS, noisy, clean), clean) > before + 3, "and so does a median");
});

sampledTest("generator and discriminator are trained against each other", async () => {
  const sample = syntheticSample({ seed: 1, width: 96, height: 96, classes: 3 });
  const all: Losses[] = [];
  const samples = [{ name: "synthetic", ...sample }];
  const trained = await trainDrawing(await testDevice(), samples, 5, {
    every: 1,
    onLosses: (_, losses) => void all.push(losses),
  });
  const drawn = await trained.draw(sample.label);
  trained.close();
  const [first, last] = [all[0], all[all.length - 1]];
  assert.ok(last[0] < first[0], `the discriminator's losses are ${all.map(([judge]) => judge)}`);
  assert.ok(last[2] < 0.9 * first[2], `those of greys are ${all.map(([, , grey]) => grey)}`);
  assert.is(drawn.data.length, 96 * 96);
  assert.ok(new Set(drawn.data).size > 100, "it has more than the greys of classes");
});

sampledTest("an image takes on the texture of another in a few steps", async () => {
  const losses: number[] = [];
  const [content, style] = [toPaint(), strokes(1)];
  const painted = await transferStyle(await testDevice(), content, style, 6, (_, loss) => {
    losses.push(loss);
  });
  assert.ok(losses[1] < 0.6 * losses[0], `the losses are ${losses}`);
  const { length } = content.data;
  const mean = (channel: number) =>
    painted.data.subarray(channel * length, (channel + 1) * length).reduce((a, b) => a + b) /
    length;
  assert.ok(mean(2) > mean(0) + 0.02, "grey turns towards the blue of the strokes");
});

test("drawn X-rays have all classes, and figures per class count pixels", () => {
  const [one, again, other] = [1, 1, 2].map(dentalXray);
  assert.equal(one, again);
  assert.not.equal(one.label, other.label);
  for (const [k, name] of CLASSES.entries()) {
    const share = one.label.data.filter((index) => index === k).length / one.label.data.length;
    assert.ok(share > 0.003 && share < 0.6, `${name}: ${share}`);
  }
  const label = { width: 2, height: 2, classes: 6, data: Uint8Array.of(0, 1, 1, 2) };
  const found = { ...label, data: Uint8Array.of(0, 1, 2, 2) };
  assert.equal(diceByClass([found], [label]).slice(0, 3), [1, 2 / 3, 2 / 3]);
});

sampledTest(
  "a few steps on X-rays give a checkpoint that segments them into six classes",
  async () => {
    const device = await testDevice();
    const checkpoint = await trainDental(device, 2);
    const found = await segment(device, checkpoint, dentalXray(101));
    assert.is(found.data.length, 192 * 192);
    assert.ok(found.data.every((index) => index < CLASSES.length));
  },
);

test.run();
