// The page of single cells in a browser: corrections by mouse and by fingers, the table's columns, its layout, and
// ten thousand cells.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fitted } from "../../app/src/canvas/viewport.js";
import { encodePng } from "../../src/formats/png/png.js";
import { type AppSite, openSite } from "./app-page.js";
import { brightNetwork } from "./bright-network.js";
import { layoutProblems } from "./layout-problems.js";
import { markLeft, walkWithoutLongTasks } from "./long-tasks.js";
import { button, choose, tab, touch } from "./walk.js";

/** Discs in a grid, next to each other; those in every second row are smaller by that many pixels. */
function grid(columns: number, rows: number, pitch: number, smaller: number) {
  const [width, height] = [columns * pitch, rows * pitch];
  const data = new Uint8Array(width * height).fill(5);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const radius = pitch / 2 - 1 - smaller * (Math.floor(y / pitch) % 2);
      const [dx, dy] = [(x % pitch) - pitch / 2, (y % pitch) - pitch / 2];
      if (dx * dx + dy * dy <= radius * radius) data[y * width + x] = 250;
    }
  }
  return { width, height, channels: 1, bitDepth: 8, data } as const;
}

/** Twelve cells, and as many as the table has to take. */
const SMALL = grid(4, 3, 40, 0);
const LARGE = grid(100, 100, 12, 1);

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-measure-"));
  await writeFile(join(folder, "bright.safetensors"), await brightNetwork());
  await writeFile(join(folder, "few.png"), encodePng(SMALL));
  await writeFile(join(folder, "many.png"), encodePng(LARGE));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

const cells = (page: Page, count: string | number) =>
  page.locator("strong.count").getByText(`${count} cells`, { exact: true }).waitFor();

/** Opens an image with the network, segments it, and waits for its cells. */
async function measure(page: Page, image: string, count: string | number): Promise<void> {
  const files = [join(folder, "bright.safetensors"), join(folder, image)];
  await choose(page, "Choose files", files);
  await page.getByRole("banner").getByText("saved").waitFor();
  await tab(page, /Measure/).dispatchEvent("click");
  await button(page, "Segment this image").click();
  await cells(page, count);
}

/** Where a point of the image is on the screen. */
async function onScreen(page: Page, x: number, y: number): Promise<readonly [number, number]> {
  const stage = page.getByRole("application");
  await stage.scrollIntoViewIfNeeded();
  const box = await stage.boundingBox();
  assert.ok(box);
  const { scale, left, top } = fitted(SMALL, box);
  return [box.x + left + scale * x, box.y + top + scale * y];
}

/** A press, a way and a release; without a way a click or a tap. */
type Gesture = (from: readonly [number, number], to?: readonly [number, number]) => Promise<void>;

/** Merges, splits and deletes, and takes everything back. */
async function correct(page: Page, gesture: Gesture): Promise<void> {
  const use = (tool: string) => button(page, tool).dispatchEvent("click");
  await use("Merge");
  await gesture([20, 20], [60, 20]);
  await page.getByText("Two cells merged into one.").waitFor();
  await cells(page, 11);
  await gesture([100, 60]);
  await page.getByText(/^Now click the other cell/).waitFor();
  await gesture([100, 100]);
  await cells(page, 10);
  await gesture([20, 52], [20, 68]);
  await page.getByText("Both places are in the same cell.").waitFor();
  await use("Split");
  await gesture([40, 2], [40, 38]);
  await page.getByText("Cell split in two.").waitFor();
  await cells(page, 11);
  await gesture([140, 41]);
  await page.getByText(/^Now click the other end/).waitFor();
  await gesture([140, 79]);
  await cells(page, 12);
  await use("Delete");
  await gesture([20, 100]);
  await page.getByText("Cell deleted.").waitFor();
  await cells(page, 11);
  await gesture([39.5, 119.5]);
  await page.getByText("There is no cell at that place.").waitFor();
  await page.getByText("5 edits", { exact: true }).waitFor();
  for (const count of [12, 11, 10, 11, 12]) {
    await button(page, "Undo").dispatchEvent("click");
    await cells(page, count);
  }
  assert.ok(await button(page, "Undo").isDisabled());
  await button(page, "Redo").dispatchEvent("click");
  await cells(page, 11);
}

test("cells are merged, split and deleted by mouse, with undo, and edits survive a reload", async () => {
  const { page, context, problems } = await site.open();
  await measure(page, "few.png", 12);
  await correct(page, async (from, to) => {
    await page.mouse.move(...(await onScreen(page, ...from)));
    await page.mouse.down();
    if (to) await page.mouse.move(...(await onScreen(page, ...to)), { steps: 4 });
    await page.mouse.up();
  });
  await button(page, "Select").click();
  await page.mouse.click(...(await onScreen(page, 140, 100)));
  const selected = page.locator("tr[aria-selected=true] td").first();
  assert.is(await selected.textContent(), "11");
  await page.keyboard.press("Delete");
  await cells(page, 10);
  await page.keyboard.press("Control+z");
  await cells(page, 11);
  await page.getByRole("banner").getByText("saved").waitFor();
  await page.reload();
  await cells(page, 11);
  assert.equal(problems, []);
  await context.close();
});

test("cells are merged, split and deleted by fingers, two of which only zoom", async () => {
  const viewport = { width: 390, height: 844 };
  const { page, context, problems } = await site.open({ viewport, hasTouch: true });
  await measure(page, "few.png", 12);
  const cdp = await context.newCDPSession(page);
  await correct(page, async (from, to) => {
    await touch(cdp, "touchStart", await onScreen(page, ...from));
    if (to) await touch(cdp, "touchMove", await onScreen(page, ...to));
    await touch(cdp, "touchEnd");
  });
  const [one, other] = [await onScreen(page, 20, 20), await onScreen(page, 60, 60)];
  await touch(cdp, "touchStart", one);
  await touch(cdp, "touchStart", one, other);
  await touch(cdp, "touchMove", [one[0] - 9, one[1]], [other[0] + 9, other[1]]);
  await touch(cdp, "touchEnd");
  await cells(page, 11);
  await page.getByText("1 edit", { exact: true }).waitFor();
  assert.equal(problems, []);
  await context.close();
});

test("the table has the columns that are chosen, and no width hides anything of the page", async () => {
  const { page, context, problems } = await site.open();
  await measure(page, "few.png", 12);
  const titles = () => page.locator(".cell-table th").allTextContents();
  const before = await titles();
  assert.equal(before, ["Cell ↑", "Area px²", "Diameter px", "Circularity", "Mean"]);
  await page.getByText("Columns", { exact: true }).click();
  await page.getByLabel("Perimeter (px)").check();
  await page.getByLabel("Circularity").uncheck();
  assert.equal(await titles(), ["Cell ↑", "Area px²", "Perimeter px", "Diameter px", "Mean"]);
  await page.getByRole("banner").getByText("saved").waitFor();
  await page.reload();
  await page.locator(".cell-table th").nth(2).getByText("Perimeter px").waitFor();
  await page.getByText("Columns", { exact: true }).click();
  const found: string[] = [];
  // 640 is what is left of 1280 at 200 %.
  for (const width of [320, 390, 640, 820, 960, 1280]) {
    await page.setViewportSize({ width, height: 700 });
    found.push(...(await layoutProblems(page, width)).map((problem) => `${width} px: ${problem}`));
  }
  assert.equal(found, []);
  await button(page, "The usual ones").click();
  assert.equal(await titles(), before);
  assert.equal(problems, []);
  await context.close();
});

test("ten thousand cells are counted, sorted, filtered and selected without a task of 50 ms", async () => {
  const { context, problems } = await walkWithoutLongTasks(site, async (page) => {
    await measure(page, "many.png", "10,000");
    const table = page.getByRole("grid");
    await table.press("End");
    await page.locator("tr[aria-selected=true]").getByText("10000", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Area px²" }).click();
    await table.press("Home");
    await page.getByLabel("Threshold").fill("0.3");
    await page.getByLabel("Separation").fill("4");
    await cells(page, "10,000");
    await page.getByLabel("From, Area (px²)").fill("60");
    await page.getByLabel("From, Area (px²)").blur();
    await cells(page, "5,000");
    await table.press("PageDown");
    await markLeft(page, "ten thousand cells");
  });
  assert.equal(problems, []);
  await context.close();
});

test.run();
