// The pages in README and docs, unchanged and without a bundler. MICROGRAPH_DOCS_STEPS sets the
// number of steps of a training.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { imageFromRaw } from "../../src/data/labels.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodePng } from "../../src/formats/png/png.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { testDevice } from "../device.js";
import { blocksOf, markdownFiles } from "../docs/markdown.js";
import { sampledTest } from "../sample.js";
import { syntheticCheckpoint } from "./canvas-checkpoint.js";
import { openServed, root, type TestPage } from "./page.js";

const { MICROGRAPH_DOCS_STEPS: STEPS = "2" } = process.env;

const [width, height] = [40, 30];
const raw = {
  ...{ width, height, channels: 1, maximum: 255 },
  data: Uint8Array.from({ length: width * height }, (_, i) => (i * i) % 251),
};
const png = (data: Iterable<number>, side: { width: number; height: number }) =>
  Buffer.from(encodePng({ ...side, data: Uint8Array.from(data), channels: 1, bitDepth: 8 }));

/** The HTML of a markdown file. */
const pagesOf = (file: string): string[] =>
  blocksOf(file)
    .filter(({ language }) => language === "html")
    .map(({ text }) => text);

/** `train` with fewer steps, in front of the package's core. */
const SHORT_CORE = `import { train as whole } from "./whole-core.js";
  export * from "./whole-core.js";
  export const train = (device, data, model, training, options) =>
    whole(device, data, model, { ...training, steps: ${STEPS} }, options);`;

/** The package's `dist/core` under the name that the pages use. */
function packageFiles(): Record<string, string | Uint8Array> {
  const folder = join(root, "dist", "core");
  const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
  const files = names.map((name) => [`/micrograph/${name}`, readFileSync(join(folder, name))]);
  const whole = readFileSync(join(folder, "core.js"));
  return {
    ...Object.fromEntries(files),
    "/micrograph/core.js": SHORT_CORE,
    "/micrograph/whole-core.js": whole,
  };
}

/** Opens a page next to the checkpoint that it requests. */
const open = (html: string, checkpoint = syntheticCheckpoint(1, 2)): Promise<TestPage> =>
  openServed({
    "/": `<!doctype html><meta charset="utf-8"><script>it = {}</script>${html}`,
    "/membranes.safetensors": encodeSafetensors(checkpoint),
    ...packageFiles(),
  });

test("all pages of README and docs are tested here", () => {
  const files = markdownFiles.filter((file) => pagesOf(file).length > 0);
  assert.equal(files, ["docs/page.md", "docs/tutorial-web.md"]);
  assert.is(pagesOf("docs/page.md").length, 2);
  assert.is(pagesOf("docs/tutorial-web.md").length, 2);
});

test("the page of docs/page.md shows the same result for a chosen file as Node", async () => {
  const checkpoint = syntheticCheckpoint(1, 2);
  const predictor = await createPredictor(await testDevice(), checkpoint);
  const { probabilities } = await predictor.predict(imageFromRaw(raw), "cells.png");
  predictor.close();
  const cell = probabilities.subarray(width * height).filter((p) => p > 0.5).length;
  const percent = (100 * cell) / (width * height);
  assert.ok(percent > 1 && percent < 99, `${percent} % would be said of anything`);

  // The import map follows the page in the document, but must come first in HTML.
  const [html, map] = pagesOf("docs/page.md");
  const { page, problems, requests, close } = await open(map + html, checkpoint);
  try {
    await page.waitForFunction(() => document.querySelector("input")?.onchange);
    const buffer = png(raw.data, raw);
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

sampledTest(
  "the tutorial's first page draws an image, and explains what is wrong with a file",
  async () => {
    const { page, problems, close } = await open(pagesOf("docs/tutorial-web.md")[0]);
    const output = page.locator("output");
    try {
      await page.getByText("Choose an image.").waitFor();
      const text = { name: "notes.png", mimeType: "image/png", buffer: Buffer.from("no image") };
      await page.setInputFiles("input", text);
      await output.getByText(/^notes\.png: /).waitFor();
      const buffer = png(raw.data, raw);
      await page.setInputFiles("input", { name: "cells.png", mimeType: "image/png", buffer });
      await output.getByText("cells.png: 40 x 30 pixels").waitFor();
      const drawn = await page.evaluate(() => {
        const canvas = document.querySelector("canvas") as HTMLCanvasElement;
        const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(
          0,
          0,
          40,
          30,
        );
        const red = data.filter((value, i) => i % 4 === 0 && value > data[i + 1]).length;
        return { width: canvas.width, height: canvas.height, red };
      });
      assert.equal([drawn.width, drawn.height], [width, height]);
      assert.ok(drawn.red > 0 && drawn.red < width * height, `${drawn.red} red pixels`);
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

sampledTest("the tutorial's second page trains and offers a checkpoint", async () => {
  const { page, problems, close } = await open(pagesOf("docs/tutorial-web.md")[1]);
  try {
    const side = { width: 96, height: 96 };
    const samples = [1, 2, 3].map((seed) => syntheticSample({ seed, ...side }));
    for (const what of ["image", "label"] as const) {
      const files = samples.map((sample, i) => {
        const buffer = png(
          sample[what].data.map((value) => 255 * value),
          side,
        );
        return { name: `${what}-${i}.png`, mimeType: "image/png", buffer };
      });
      await page.setInputFiles(`#${what}s`, files);
    }
    await page.click("#train");
    await page.getByText(`Trained for ${STEPS} steps.`).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("a")]);
    const bytes = readFileSync(await download.path());
    const { metadata } = decodeSafetensors(new Uint8Array(bytes), "network.safetensors");
    assert.is(metadata.model.base, 8);
    assert.equal(problems, []);
  } finally {
    await close();
  }
});

test.run();
