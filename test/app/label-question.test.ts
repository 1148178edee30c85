// The question about labels with one number per cell, answered by keys.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { rgb } from "../../app/src/canvas/layers.js";
import { TWO_CLASSES } from "../../app/src/state/classes.js";
import { decodePng, encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { type AppSite, openSite } from "./app-page.js";
import { choose, tab } from "./walk.js";

const SIDE = 64;
const COUNT = SIDE * SIDE;

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-question-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** Pairs of touching cells of 8 x 8 pixels, each with its number. */
const numbers = Uint16Array.from({ length: COUNT }, (_, i) => {
  const [column, row] = [Math.floor((i % SIDE) / 8), Math.floor(i / SIDE / 8)];
  return row % 2 === 0 && column % 4 < 2 ? 1 + row * 8 + column : 0;
});
/** A disc whose edge is soft. */
const soft = Uint8Array.from({ length: COUNT }, (_, i) => {
  const distance = Math.hypot((i % SIDE) - 31.5, Math.floor(i / SIDE) - 31.5);
  return Math.round(255 * Math.min(1, Math.max(0, (20 - distance) / 6 + 0.5)));
});

async function write(files: Record<string, Uint8Array>): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return Object.keys(files).map((name) => join(folder, name));
}

const size = { width: SIDE, height: SIDE, channels: 1 } as const;
const image = encodePng({ ...size, bitDepth: 8, data: Uint8Array.from(numbers, (n) => 3 * n) });
const mask = encodeTiff({ ...size, maximum: 65535, data: numbers });

/** The colour on the stage at a place of the image: red, green, blue. */
async function seen(page: Page, x: number, y: number): Promise<number[]> {
  const box = await page.locator(".layers").boundingBox();
  if (!box) throw new Error("the stage is not on show");
  const clip = {
    x: box.x + ((x + 0.5) * box.width) / SIDE,
    y: box.y + ((y + 0.5) * box.height) / SIDE,
  };
  const shot = await page.screenshot({ clip: { ...clip, width: 1, height: 1 } });
  return [...decodePng(shot, "shot").data];
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

test("labels with one number per cell are asked about, answered by a key, and shown separated", async () => {
  const paths = await write({
    "a.png": image,
    "b.png": image,
    "a_mask.tif": mask,
    "b_mask.tif": mask,
  });
  const { page, context, problems } = await site.open();
  await choose(page, "Choose files", paths);
  const dialog = page.getByRole("dialog", { name: "Is each number a cell?" });
  await dialog.waitFor();
  assert.match(
    (await dialog.textContent()) ?? "",
    /a_mask\.tif contains 16 different numbers.*2 label files/,
  );
  const yes = "Yes: above 0 is cell; touching cells are separated by a line";
  assert.is(await focused(page), yes);
  // The focus stays in the dialog, and the preview is that of the focused answer.
  const picture = dialog.getByRole("img", { name: "Read as" });
  const colours = () =>
    picture.evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      return new Set(
        Array.from({ length: width * height }, (_, i) => pixels.slice(4 * i, 4 * i + 3).join()),
      ).size;
    });
  assert.is(await colours(), 2);
  await page.keyboard.press("Tab");
  assert.match((await focused(page)) ?? "", /^No: the numbers are classes/);
  await page.waitForFunction(() => {
    const canvas = document.querySelectorAll<HTMLCanvasElement>(".question canvas")[1];
    const pixels =
      canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return new Set(Array.from({ length: pixels.length / 4 }, (_, i) => pixels[4 * i])).size > 5;
  });
  await page.keyboard.press("Shift+Tab");
  assert.is(await focused(page), yes);
  await page.keyboard.press("Enter");
  await page.getByText("2 images, 2 labelled").waitFor();
  assert.is(await dialog.count(), 0);
  await page.getByText(/one number per cell/).waitFor();

  await tab(page, /Label/).click();
  await page.getByLabel("Label opacity").fill("1");
  await page.getByText(/^100.0 % of this image is labelled/).waitFor();
  const [background, cell] = TWO_CLASSES.map(({ colour }) => [...rgb(colour)]);
  await page.waitForTimeout(300);
  assert.equal(await seen(page, 4, 4), cell);
  assert.equal(await seen(page, 12, 4), cell);
  assert.equal(await seen(page, 7, 4), cell);
  assert.equal(await seen(page, 8, 4), background, "a line between the two");
  assert.equal(await seen(page, 20, 4), background);

  // Further labels of the project are not asked about, also after a reload.
  await page.getByRole("banner").getByText("saved").waitFor();
  await page.reload();
  await tab(page, /Images/).click();
  await choose(page, "Add files", await write({ "c.png": image, "c_mask.tif": mask }));
  await page.getByText("3 images, 3 labelled").waitFor();
  assert.equal(problems, []);
  await context.close();
});

test("a threshold for soft edges is chosen by keys, and Escape skips the labels", async () => {
  const softMask = encodePng({ ...size, bitDepth: 8, data: soft });
  const paths = await write({ "d.png": image, "d_mask.png": softMask });
  const { page, context, problems } = await site.open();
  await choose(page, "Choose files", paths);
  const dialog = page.getByRole("dialog", { name: "A mask with soft edges" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("1 image, 0 labelled").waitFor();
  await page.getByText("d_mask.png was skipped, as you chose.").waitFor();
  assert.is(await dialog.count(), 0);

  await choose(page, "Add files", paths.slice(1));
  await dialog.waitFor();
  const slider = dialog.getByRole("slider");
  const before = Number(await slider.inputValue());
  await slider.focus();
  for (let step = 0; step < 40; step++) await page.keyboard.press("ArrowRight");
  const answer = dialog.getByRole("button", { name: `Yes: brighter than ${before + 40} is cell` });
  await answer.focus();
  await page.keyboard.press("Enter");
  await page.getByText("1 image, 1 labelled").waitFor();
  await tab(page, /Label/).click();
  const share = (100 * soft.filter((value) => value > before + 40).length) / COUNT;
  await page.getByText(/% of this image is labelled/).waitFor();
  assert.ok(share > 10 && share < 40);
  assert.equal(problems, []);
  await context.close();
});

test("on a phone the dialog fits, and screen readers can read it", async () => {
  const paths = await write({ "e.png": image, "e_mask.tif": mask });
  const { page, context, problems } = await site.open({ viewport: { width: 390, height: 844 } });
  await choose(page, "Choose files", paths);
  const dialog = page.getByRole("dialog", { name: "Is each number a cell?" });
  await dialog.waitFor();
  const box = await dialog.boundingBox();
  assert.ok(
    box && box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844,
  );
  for (const name of [/^Yes/, /^No/, /^Skip this label/]) {
    const answer = await dialog.getByRole("button", { name }).boundingBox();
    assert.ok(answer && answer.height >= 24 && answer.x + answer.width <= 390, `${name}`);
  }
  const described = await dialog.evaluate((element) => {
    const id = element.getAttribute("aria-describedby") ?? "";
    return document.getElementById(id)?.textContent;
  });
  assert.match(described ?? "", /each cell has its own number/);
  assert.equal(problems, []);
  await context.close();
});

test.run();
