// The page of the README as it stands there, without a bundler.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { imageFromRaw } from "../../src/data/labels.js";
import { encodePng } from "../../src/formats/png/png.js";
import { createPredictor } from "../../src/predict/predict.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { testDevice } from "../device.js";
import { syntheticCheckpoint } from "./canvas-checkpoint.js";
import { openServed, root } from "./page.js";

const [width, height] = [40, 30];
const raw = {
  ...{ width, height, channels: 1, maximum: 255 },
  data: Uint8Array.from({ length: width * height }, (_, i) => (i * i) % 251),
};

/** The page and the import map, which stands behind it in the README and before it in a page. */
function readmePage(): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```html\n([\s\S]*?)```/g)].map(([, text]) => text);
  const page = blocks.find((text) => text.includes('type="module"'));
  const map = blocks.find((text) => text.includes('type="importmap"'));
  assert.ok(page?.includes("micrograph/core") && map, "the README has a page and an import map");
  return `<!doctype html><meta charset="utf-8"><script>it = {}</script>${map}${page}`;
}

/** The package's `dist/core` under the name that the README gives it. */
function packageFiles(): Record<string, Uint8Array> {
  const folder = join(root, "dist", "core");
  const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
  return Object.fromEntries(
    names.map((name) => [`/micrograph/${name}`, readFileSync(join(folder, name))]),
  );
}

test("the README's page says of a chosen file what Node says of it", async () => {
  const checkpoint = syntheticCheckpoint(1, 2);
  const predictor = await createPredictor(await testDevice(), checkpoint);
  const { probabilities } = await predictor.predict(imageFromRaw(raw), "cells.png");
  predictor.close();
  const cell = probabilities.subarray(width * height).filter((p) => p > 0.5).length;
  const percent = (100 * cell) / (width * height);
  assert.ok(percent > 1 && percent < 99, `${percent} % would be said of anything`);

  const { page, problems, requests, close } = await openServed({
    "/": readmePage(),
    "/membranes.safetensors": encodeSafetensors(checkpoint),
    ...packageFiles(),
  });
  try {
    await page.waitForFunction(() => document.querySelector("input")?.onchange);
    const buffer = Buffer.from(encodePng({ ...raw, channels: 1, bitDepth: 8 }));
    await page.setInputFiles("input", { name: "cells.png", mimeType: "image/png", buffer });
    await page.waitForFunction(() => document.querySelector("output")?.value || undefined);
    const said = await page.evaluate(() => document.querySelector("output")?.value);
    // Probabilities of the two versions of Dawn differ by rounding: a pixel or two at the threshold.
    const shares = [percent - 0.2, percent + 0.2].map((share) => `${Math.round(share)} % cell`);
    assert.ok(said !== undefined && shares.includes(said), `${said}, in Node ${percent} %`);
    assert.ok(requests.includes("/micrograph/core.js"));
    assert.equal(problems, []);
  } finally {
    await close();
  }
});

test.run();
