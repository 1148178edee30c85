import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampleProject } from "../../app/src/state/project.js";
import { imageFromRaw } from "../../src/data/labels.js";
import { decodePng } from "../../src/node/png.js";
import { createPredictor } from "../../src/train/predict.js";
import { decodeSafetensors } from "../../src/train/safetensors.js";
import { testDevice } from "../device.js";
import { type AppSite, openSite } from "./app-page.js";

let site: AppSite;
test.before(async () => {
  site = await openSite();
});
test.after(() => site?.close());

const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole("main").getByRole("button", { name, exact: true });
const station = (page: Page, name: RegExp) =>
  page.getByRole("navigation").getByRole("button", { name });

/** A network and a run that a processor is through with in seconds. */
async function setSmall(page: Page): Promise<void> {
  await page.getByText("Network and training").click();
  const small = {
    "Width of the first level": 4,
    Poolings: 1,
    "Tile in pixels": 64,
    Steps: 400,
    "Steps between checks": 20,
  };
  for (const [label, value] of Object.entries(small)) {
    await page.getByLabel(label, { exact: true }).fill(String(value));
    await page.getByLabel(label, { exact: true }).blur();
  }
}

/** A stroke across the middle of the stage. */
async function paint(page: Page): Promise<void> {
  const box = await page.getByRole("application").boundingBox();
  if (!box) throw new Error("the stage is not on show");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 40, y);
  await page.mouse.down();
  await page.mouse.move(x + 40, y + 20, { steps: 5 });
  await page.mouse.up();
}

async function downloaded(page: Page, click: () => Promise<void>): Promise<Uint8Array> {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFile(await download.path());
}

test("a person's road ends with the probabilities that Node predicts from its checkpoint", async () => {
  const { page, problems } = await site.open();
  await button(page, "Try the sample").click();
  await button(page, "Go on to training").click();
  await setSmall(page);
  await button(page, "Train").click();
  await page.getByText(/as predicted at step/).waitFor();
  await button(page, "Pause").click();
  await page.getByText(/Paused at step/).waitFor();

  await station(page, /Label/).click();
  await page.getByLabel("Image on show").selectOption("synthetic-11");
  await page.getByText("Not labelled yet.").waitFor();
  await paint(page);
  await page.getByText(/% of this image is labelled/).waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  await page.reload();
  await page.getByText(/% of this image is labelled/).waitFor();
  await station(page, /Train/).click();
  await page.getByText(/Paused at step/).waitFor();

  await button(page, "Segment images").click();
  await page.getByLabel("Image on show").selectOption("synthetic-01");
  await button(page, "Only this one").click();
  await page.getByText("connected objects").waitFor();
  await station(page, /Take home/).click();
  const checkpointBytes = await downloaded(page, () =>
    button(page, "Download the checkpoint").click(),
  );
  const png = await downloaded(page, () =>
    button(page, "Download the probability of synthetic-01").click(),
  );

  const [{ name, raw }] = (await sampleProject("sample")).images;
  const checkpoint = decodeSafetensors(checkpointBytes, "best.safetensors");
  const predictor = await createPredictor(await testDevice(), checkpoint);
  const expected = await predictor.predict(imageFromRaw(raw), name);
  predictor.close();
  const { data, maximum, width, height } = decodePng(png, "probability.png");
  assert.equal([maximum, width, height], [65535, raw.width, raw.height]);
  const cell = expected.probabilities.subarray(width * height);
  let largest = 0;
  for (const [i, value] of data.entries()) {
    largest = Math.max(largest, Math.abs(value / maximum - cell[i]));
  }
  // Half a unit of 16 bits is 8e-6; the rest is Dawn's other version and adapter.
  assert.ok(largest <= 1e-4, `probabilities differ by ${largest}`);
  assert.ok(Math.max(...data) > Math.min(...data), "all probabilities are equal");
  assert.equal(problems, []);
});

test.run();
