import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampleProject } from "../../app/src/state/project.js";
import { imageFromRaw } from "../../src/data/labels.js";
import { decodePng } from "../../src/formats/png/png.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import { testDevice } from "../device.js";
import { type AppSite, openSite } from "./app-page.js";
import { markLeft, walkWithoutLongTasks } from "./long-tasks.js";
import { button, downloaded, paint, setSmall, tab } from "./walk.js";

let site: AppSite;
test.before(async () => {
  site = await openSite();
});
test.after(() => site?.close());

async function fromSampleToSegmentation(page: Page): Promise<void> {
  await button(page, "Try the sample").click();
  await button(page, "Continue to training").click();
  // Enough that it runs until it is paused.
  await setSmall(page, 20_000);
  await button(page, "Train").click();
  // The prediction is drawn at every validation.
  await page.getByText(/^prediction of step ([4-9]0|\d{3,})$/).waitFor();
  await button(page, "Pause").click();
  await page.getByText(/Paused at step/).waitFor();

  await tab(page, /Label/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-11");
  await page.getByText("Not labelled yet.").waitFor();
  await paint(page);
  await page.getByText(/% of this image is labelled/).waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  await markLeft(page, "from the sample to a saved label");
  await page.reload();
  await page.getByText(/% of this image is labelled/).waitFor();
  await tab(page, /Train/).click();
  await page.getByText(/Paused at step/).waitFor();

  await button(page, "Segment images").click();
  await page.getByLabel("Selected image").selectOption("synthetic-01");
  await button(page, "Segment this image").click();
  await page.getByText(/^Objects \(/).waitFor();
  await tab(page, /Measure/).click();
  await page.getByText(/^\d+ cells?$/).waitFor();
  await page.getByLabel("Separation").fill("0");
  await page.getByRole("grid").press("End");
  await page.locator("tr[aria-selected=true]").waitFor();
  await markLeft(page, "from a reload to a segmentation and its cells");
}

/** Lets a test reach the GPU that the app opens in its Worker. */
async function watchDevice(page: Page): Promise<() => Promise<void>> {
  const worker = page.workers().find((one) => /\/worker-/.test(one.url()));
  if (!worker) throw new Error("the engine has no Worker");
  await worker.evaluate(() => {
    const encode = GPUDevice.prototype.createCommandEncoder;
    GPUDevice.prototype.createCommandEncoder = function (...given) {
      Object.assign(globalThis, { seenDevice: this });
      return encode.apply(this, given);
    };
  });
  return () =>
    worker.evaluate(() =>
      (globalThis as unknown as { seenDevice: GPUDevice }).seenDevice.destroy(),
    );
}

/** Continues the training and destroys its GPU: the app opens it again, and the run continues. */
async function loseTheGpu(page: Page): Promise<void> {
  await tab(page, /Train/).click();
  const lose = await watchDevice(page);
  await button(page, /^Train .* more steps$/).click();
  const running = () => button(page, "Finish now").click({ trial: true });
  await running();
  await lose();
  const notice = page.getByText(
    /The GPU connection was lost and restored. Training continues from step/,
  );
  const from = Number(/\d+/.exec((await notice.textContent()) ?? "")?.[0]);
  assert.ok(from >= 40, `it continues from step ${from}`);
  await running();
  await button(page, "Pause").click();
  const paused = await page.getByText(/Paused at step/).textContent();
  assert.ok(Number(/\d+/.exec(paused ?? "")?.[0]) > from, `${paused}`);
}

test("a whole session ends with the probabilities that Node predicts from its checkpoint, and survives a lost GPU", async () => {
  const { page, context, problems } = await walkWithoutLongTasks(site, fromSampleToSegmentation);
  const table = await downloaded(page, () => button(page, "Table (CSV)").click());
  const rows = new TextDecoder().decode(table).trimEnd().split("\n");
  assert.match(rows[1], /^synthetic-01\.png,1,\d+,/);
  const cells = rows.length - 1;
  await page.getByText(new RegExp(`^${cells} cells?$`)).waitFor();
  // The last cell in the table has the largest number.
  await page.getByRole("grid").press("End");
  const last = page.locator("tr[aria-selected=true] td").first();
  await last.getByText(String(cells), { exact: true }).waitFor();

  await tab(page, /Export/).click();
  const checkpointBytes = await downloaded(page, () => button(page, "Download network").click());
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

  await loseTheGpu(page);
  assert.equal(problems, []);
  await context.close();
});

test("a tile that the GPU cannot hold is reported before and after the click, with one that fits", async () => {
  const { page, context, problems } = await site.open();
  await button(page, "Try the sample").click();
  await button(page, "Continue to training").click();
  await page.getByText(/Takes about .* of GPU memory/).waitFor();
  await page.getByText("All settings", { exact: true }).click();
  await page.getByLabel("Tile size (px)").fill("6004");
  // Other changes in the meantime keep what is typed.
  await page.getByLabel("Steps", { exact: true }).evaluate((steps: HTMLInputElement) => {
    steps.value = "30";
    steps.dispatchEvent(new Event("input", { bubbles: true }));
    steps.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.getByText(/Takes about .* of GPU memory/).waitFor();
  await page.getByLabel("Tile size (px)").blur();
  await page.getByText(/need a GPU buffer of .* GiB, but the GPU allows/).waitFor();
  await button(page, "Train").click();
  await page.getByText(/Not enough GPU memory/).waitFor();
  await page
    .getByRole("alert")
    .getByRole("button", { name: /Use a smaller tile/ })
    .first()
    .click();
  await page.getByText(/Takes about .* of GPU memory/).waitFor();
  assert.equal(problems, []);
  await context.close();
});

test("a variant of the U-Net is chosen, refused where its options exclude each other, and trained", async () => {
  const { page, context, problems } = await site.open();
  await button(page, "Try the sample").click();
  await button(page, "Continue to training").click();
  await setSmall(page, 40);
  await page.getByText("Variants of the U-Net", { exact: true }).click();
  await page.getByLabel("Downsampling").selectOption("strided");
  await page
    .getByText("Downsampling was not changed: strided convolutions need the padding same")
    .waitFor();
  await page.getByLabel("Border of 3x3 convolutions").selectOption("same");
  await page.getByLabel("Downsampling").selectOption("strided");
  await page.getByLabel("Norm of each convolution").selectOption("batch");
  await page.getByText(/--padding same --norm batch --downsampling strided/).waitFor();
  assert.is(await page.getByText("was not changed").count(), 0);
  await button(page, "Train").click();
  await page.getByText(/^prediction of step/).waitFor();
  await page.getByLabel("Norm of each convolution").isDisabled();
  assert.equal(problems, []);
  await context.close();
});

test("without WebGPU the app says what helps, and labels can be painted", async () => {
  const { page, context } = await site.open({}, async (context) => {
    await context.route(/worker-.*\.js/, async (route) => {
      const response = await route.fetch();
      const body = `Object.defineProperty(navigator, "gpu", {});${await response.text()}`;
      await route.fulfill({ response, body });
    });
  });
  await page.getByText("No WebGPU: training is not possible yet").waitFor();
  await page.getByText("://flags/#enable-unsafe-webgpu").waitFor();
  await button(page, "Try the sample").click();
  await tab(page, /Label/).click();
  await paint(page);
  await page.getByRole("banner").getByText("saved").waitFor();
  await tab(page, /Train/).click();
  assert.ok(await button(page, "Train").isDisabled());
  await context.close();
});

test("the images have the chosen contrast, and the navigation stays in the middle", async () => {
  const { page, context, problems } = await site.open();
  const road = page.getByRole("navigation").getByRole("list");
  const middle = async () => {
    const box = await road.boundingBox();
    return box && box.x + box.width / 2;
  };
  await page.getByText("First time here?").waitFor();
  assert.is(await page.getByText(/is loading/).count(), 0);
  assert.is(await middle(), 640);
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  assert.is(await middle(), 640);
  const isDark = (share: number) =>
    page.waitForFunction((share) => {
      const canvas = document.querySelector<HTMLCanvasElement>("canvas.thumbnail");
      const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
      if (!pixels || canvas?.width !== 256) return false;
      const blacks = pixels.data.filter((value, i) => i % 4 === 0 && value < 40).length;
      return share === 0 ? blacks < 1000 : blacks > share * 256 * 256;
    }, share);
  await isDark(0);
  await page.getByLabel("Black").fill("0.9");
  await isDark(0.5);
  await page.setViewportSize({ width: 1024, height: 700 });
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 1024);
  assert.equal(problems, []);
  await context.close();
});

test("after the first load the app works offline, and contacts no other host", async () => {
  const { page, context, problems } = await site.open();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  site.goOffline();
  await page.reload();
  await button(page, "Try the sample").click();
  await page.getByText("12 images, 10 labelled, 2 kept for validation").waitFor();
  await page
    .getByRole("banner")
    .getByText(/swiftshader/i)
    .waitFor();
  assert.equal(problems, []);
  await context.close();
});

test.run();
