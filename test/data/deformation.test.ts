import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS, augmentationConfig } from "../../src/data/augmentation-config.js";
import { drawOffsets } from "../../src/data/deformation.js";
import { random } from "../../src/data/random.js";
import { resample } from "../../src/data/resample.js";
import { SYMMETRIES, symmetricView } from "../../src/data/symmetric-views.js";

const noise = (count: number) => Float32Array.from({ length: count }, random(7));

test("a symmetry without other changes gives the same pixels, at even and odd sides", () => {
  for (const side of [6, 7]) {
    const image = { width: side, height: side, channels: 2, data: noise(2 * side * side) };
    for (let symmetry = 0; symmetry < SYMMETRIES; symmetry++) {
      const field = drawOffsets(AUGMENTATIONS.flips, side, symmetry, random(1));
      for (const interpolation of ["nearest", "bilinear", "bicubic"] as const) {
        const target = new Float32Array(image.data.length);
        const centre = (side - 1) / 2;
        resample(image, field, { interpolation, centreX: centre, centreY: centre, target });
        assert.equal(target, symmetricView(image, symmetry).data);
      }
    }
  }
});

test("a turn, a change of size and a shear are what they are called", () => {
  const drawn = (changes: object, draw = 0) =>
    drawOffsets(augmentationConfig(changes), 5, 0, random(2, draw));
  for (let draw = 0; draw < 50; draw++) {
    const turned = drawn({ rotation: 30 }, draw);
    // The pixel right of the centre, seen from it.
    assert.ok(Math.abs(Math.hypot(turned.x[13], turned.y[13]) - 1) < 1e-6);
    assert.ok(Math.abs(Math.atan2(turned.y[13], turned.x[13])) <= Math.PI / 6 + 1e-6);
    const sized = drawn({ scale: 0.25 }, draw);
    assert.ok(sized.x[13] >= 0.8 - 1e-6 && sized.x[13] <= 1.25 + 1e-6 && sized.y[13] === 0);
    const sheared = drawn({ shear: 0.5 }, draw);
    assert.ok(Math.abs(sheared.x[17]) <= 0.5 && sheared.y[17] === 1);
    const shifted = drawn({ shift: 3 }, draw);
    assert.ok(Math.abs(shifted.x[12]) <= 3 && shifted.x[13] - shifted.x[12] > 0.999);
  }
});

test("a kind that is off draws nothing, so that it leaves the others as they were", () => {
  const all = augmentationConfig({ rotation: 90, elastic: "grid" });
  const before = drawOffsets(all, 9, 3, random(4));
  const after = drawOffsets({ ...all, shear: 0, noise: 0, elasticAlpha: 3 }, 9, 3, random(4));
  assert.equal(after, before);
});

test("a share of the tiles is deformed elastically", () => {
  const augmentation = augmentationConfig({ elastic: "grid", elasticProbability: 0.7 });
  let deformed = 0;
  for (let draw = 0; draw < 400; draw++) {
    if (drawOffsets(augmentation, 3, 0, random(6, draw)).x[0] !== -1) deformed++;
  }
  assert.ok(Math.abs(deformed / 400 - 0.7) < 0.07, `${deformed}`);
});

test("places beyond the border are mirrored", () => {
  const line = { width: 4, height: 1, data: Float32Array.of(1, 2, 4, 8) };
  const field = { side: 1, x: Float32Array.of(0), y: Float32Array.of(0) };
  const read = (centreX: number, interpolation: "nearest" | "bilinear") => {
    const target = new Float32Array(1);
    resample(line, field, { interpolation, centreX, centreY: 0, target });
    return target[0];
  };
  assert.equal([read(-1, "nearest"), read(4, "nearest"), read(9, "nearest")], [2, 4, 8]);
  assert.equal([read(-0.5, "bilinear"), read(3.5, "bilinear")], [1.5, 6]);
});

test.run();
