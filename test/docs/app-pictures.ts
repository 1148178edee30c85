// The app's eight pages on the embedded sample, with a network that has trained.

import type { Page } from "playwright-core";
import { openSite } from "../app/app-page.js";
import { button, tab } from "../app/walk.js";

const VIEWPORT = { width: 960, height: 540 };
/** Wide enough for two columns: the prediction next to the figures of the run. */
const WIDE = { width: 1280, height: 720 };
/** Less of pages with much noise, for a smaller file: of the images only the first row. */
const ONE_ROW = { width: 960, height: 460 };

/** Strokes on synthetic-11, from point to point, as shares of the image's width and height. */
const STROKES = [
  {
    key: "1",
    points: [
      [0.52, 0.28],
      [0.55, 0.345],
      [0.62, 0.335],
      [0.76, 0.345],
    ],
  },
  {
    key: "1",
    points: [
      [0.17, 0.465],
      [0.24, 0.5],
      [0.33, 0.57],
    ],
  },
  {
    key: "1",
    points: [
      [0.7, 0.76],
      [0.745, 0.88],
      [0.87, 0.865],
    ],
  },
  {
    key: "2",
    points: [
      [0.06, 0.34],
      [0.13, 0.4],
    ],
  },
  {
    key: "2",
    points: [
      [0.58, 0.4],
      [0.66, 0.46],
    ],
  },
  {
    key: "2",
    points: [
      [0.84, 0.72],
      [0.92, 0.79],
    ],
  },
] as const;

/** Calls back with a screenshot of each page, PNG, and the name of the file without ".png". */
export async function appPictures(
  keep: (name: string, png: Uint8Array) => Promise<void>,
): Promise<void> {
  const site = await openSite();
  try {
    const { page } = await site.open({ viewport: VIEWPORT, colorScheme: "light" });
    await walk(page, async (name) => {
      await page.mouse.move(0, 0);
      await page.waitForTimeout(300); // so that the effects of a click are drawn
      await keep(`app-${name}`, await page.screenshot());
    });
  } finally {
    await site.close();
  }
}

async function paintStrokes(page: Page): Promise<void> {
  const box = await page.getByRole("application").boundingBox();
  if (!box) throw new Error("the stage is not on show");
  const side = Math.min(box.width, box.height) - 24; // the image fits, with a margin
  const [left, top] = [box.x + (box.width - side) / 2, box.y + (box.height - side) / 2];
  for (const { key, points } of STROKES) {
    await page.keyboard.press(key);
    const [first, ...others] = points.map(([x, y]) => [left + x * side, top + y * side] as const);
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const point of others) await page.mouse.move(...point, { steps: 8 });
    await page.mouse.up();
  }
  await page.getByText(/% of this image is labelled/).waitFor();
}

async function walk(page: Page, take: (name: string) => Promise<void>): Promise<void> {
  await page
    .getByText(/processor|GPU/)
    .first()
    .waitFor();
  await take("start");
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  await page.setViewportSize(ONE_ROW);
  await take("images");
  await page.setViewportSize(VIEWPORT);
  await tab(page, /Label/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-11");
  await paintStrokes(page);
  await take("label");
  await button(page, "Clear").click();
  await tab(page, /Train/).click();
  await button(page, "Train").click();
  await page.getByText(/prediction of step (1[5-9]\d|2\d\d)$/).waitFor();
  await page.setViewportSize(WIDE);
  await take("train");
  await page.setViewportSize(VIEWPORT);
  await page.getByText(/prediction of step 300$/).waitFor();
  await button(page, /^Train .* more steps?$/).waitFor();
  await tab(page, /Correct/).click();
  await button(page, "Find uncertain images").click();
  await page
    .getByText(/\d % uncertain/)
    .nth(1)
    .waitFor();
  await page.getByLabel("Show uncertainty").check();
  await take("correct");
  await tab(page, /Segment/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-12");
  await button(page, "Segment this image").click();
  await page.getByText(/^Objects \(/).waitFor();
  await page.getByLabel("Overlay").selectOption("Outlines");
  await take("segment");
  await tab(page, /Measure/).click();
  await page.getByText(/^\d+ cells?$/).waitFor();
  await page.setViewportSize(ONE_ROW);
  await take("measure");
  await page.setViewportSize(VIEWPORT);
  await tab(page, /Export/).click();
  await take("export");
}
