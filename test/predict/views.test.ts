import { test } from "uvu";
import * as assert from "uvu/assert";
import { cutTile } from "../../src/data/mirror.js";
import { channelScales, normalise } from "../../src/data/normalise.js";
import { fromSymmetricView, symmetricView } from "../../src/data/symmetric-views.js";
import { addTile, meanOf, readView } from "../../src/predict/test-time-mean.js";
import type { TilePlace } from "../../src/predict/tiling.js";
import { noise } from "../numbers.js";

test("a tile of a view is that of the whole image turned, also past its edges", async () => {
  for (const [width, height] of [
    [23, 14],
    [5, 9],
    [1, 3],
  ]) {
    const image = { width, height, channels: 2, data: noise(2 * width * height, width) };
    const scales = channelScales(image);
    for (let view = 0; view < 8; view++) {
      const turned = symmetricView(normalise(image), view);
      for (const area of [
        { x: 1, y: 2, width: 3, height: 1 },
        { x: -6, y: -2, width: 12, height: 12 },
        { x: 8, y: 3, width: 20, height: 13 },
      ]) {
        const found = await readView(image, scales, area, view);
        const where = `view ${view} of ${width} x ${height} at ${area.x}, ${area.y}`;
        assert.equal(found, cutTile(turned, area), where);
      }
    }
  }
});

test("tiles of views add up to the mean of the views turned back", () => {
  const [width, height] = [7, 4];
  const mean = new Float64Array(2 * width * height);
  const total = new Float64Array(2 * width * height);
  for (let view = 0; view < 8; view++) {
    const size = view % 2 ? { width: height, height: width } : { width, height };
    const planes = { ...size, channels: 2, data: noise(2 * width * height, view + 1) };
    const { data } = fromSymmetricView(planes, view);
    for (const [i, value] of data.entries()) mean[i] += value;
    for (const kept of [
      { x: 0, y: 0, width: 3, height: size.height },
      { x: 3, y: 0, width: size.width - 3, height: size.height },
    ]) {
      // The answer of a tile is a square, of which only a part is kept.
      const side = 8;
      const values = cutTile(planes, { ...kept, width: side, height: side });
      const tiling = { side, probabilities: { shape: [1, 2, side, side] } };
      const place = { kept, view, tiling } as unknown as TilePlace;
      addTile(values, place, { width, height }, total);
    }
  }
  assert.equal(
    meanOf(total, 8),
    Float32Array.from(mean, (value) => value / 8),
  );
});

test.run();
