import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS, augmentationConfig } from "../../src/data/augmentation-config.js";
import { varyGreys } from "../../src/data/grey.js";
import { spread } from "../../src/data/normalise.js";
import { gaussian, random } from "../../src/data/random.js";

function tile(channels = 1): Float32Array {
  const next = random(9);
  return Float32Array.from({ length: channels * 2000 }, () => gaussian(next));
}

test("contrast and brightness stay in their ranges", () => {
  const augmentation = augmentationConfig({ contrast: 0.3, brightness: 0.5 });
  const before = spread(tile());
  const seen = { contrast: [1, 1], brightness: [0, 0] };
  for (let draw = 0; draw < 200; draw++) {
    const varied = tile();
    varyGreys(varied, 1, augmentation, random(1, draw));
    const after = spread(varied);
    const contrast = after.deviation / before.deviation;
    const brightness = after.mean - contrast * before.mean;
    seen.contrast = [Math.min(seen.contrast[0], contrast), Math.max(seen.contrast[1], contrast)];
    seen.brightness = [
      Math.min(seen.brightness[0], brightness),
      Math.max(seen.brightness[1], brightness),
    ];
  }
  const near = (value: number, limit: number) => Math.abs(value - limit) < 0.03;
  assert.ok(near(seen.contrast[0], 0.7) && near(seen.contrast[1], 1.3), `${seen.contrast}`);
  assert.ok(near(seen.brightness[0], -0.5) && near(seen.brightness[1], 0.5), `${seen.brightness}`);
});

test("gamma bends the greys in order and keeps mean and deviation of each channel", () => {
  const before = tile(2);
  const varied = before.slice();
  varyGreys(varied, 2, augmentationConfig({ gamma: 1 }), random(2));
  for (const channel of [0, 1]) {
    const part = (values: Float32Array) => values.subarray(channel * 2000, channel * 2000 + 2000);
    const [was, is] = [spread(part(before)), spread(part(varied))];
    assert.ok(Math.abs(was.mean - is.mean) < 1e-6);
    assert.ok(Math.abs(was.deviation - is.deviation) < 1e-6);
    const byBefore = [...part(before).keys()].sort((a, b) => part(before)[a] - part(before)[b]);
    const greys = byBefore.map((pixel) => part(varied)[pixel]);
    assert.ok(greys.every((grey, i) => i === 0 || grey >= greys[i - 1]));
  }
  assert.not.equal(varied, before);
});

test("a channel of one value stays without gamma's help", () => {
  const flat = new Float32Array(100);
  varyGreys(flat, 1, augmentationConfig({ gamma: 1 }), random(2));
  assert.ok(flat.every((value) => value === 0));
});

test("noise has at most the given standard deviation; without any the tile is unchanged", () => {
  const deviations = Array.from({ length: 50 }, (_, draw) => {
    const noise = new Float32Array(2000);
    varyGreys(noise, 1, augmentationConfig({ noise: 0.4 }), random(3, draw));
    return spread(noise).deviation;
  });
  assert.ok(Math.max(...deviations) < 0.42 && Math.max(...deviations) > 0.3);
  const same = tile();
  varyGreys(same, 1, AUGMENTATIONS.flips, random(4));
  assert.equal(same, tile());
});

test("values that cannot be are refused by name", () => {
  const refused = (changes: object, message: RegExp) =>
    assert.throws(() => augmentationConfig(changes), message);
  refused({ rotation: 181 }, /augmentation.rotation must be a number from 0 to 180, got 181/);
  refused({ elasticSigma: 0 }, /elasticSigma must be a number from 0.5 to 100, got 0/);
  refused({ noise: Number.NaN }, /noise .* got NaN/);
  refused({ elastic: "wild" }, /elastic must be none or grid or simard, got "wild"/);
  refused({ flips: 1 }, /flips must be true or false, got 1/);
});

test.run();
