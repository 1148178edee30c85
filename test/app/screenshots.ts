// Pictures of every state of the app at four widths, light and dark, to be looked at:
// `npm run app:screenshots`; after `--` a folder for them, and then the walks to make, such as `nuclei`.

import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { connectedComponents } from "../../src/data/components.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodePng } from "../../src/formats/png/png.js";
import { openSite } from "./app-page.js";
import { button, choose, paint, setSmall, tab } from "./walk.js";

const SIZES = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];

const [given, ...wanted] = process.argv.slice(2);
const folder = given ?? (await mkdtemp(join(tmpdir(), "micrograph-screenshots-")));
await mkdir(folder, { recursive: true });
const site = await openSite();
let count = 0;

/** Pictures of the current state in all sizes and both colour schemes. */
async function take(page: Page, state: string): Promise<void> {
  count++;
  for (const size of SIZES) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      // After a change of the size the page is drawn again in the next frame.
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      const name = `${String(count).padStart(2, "0")}-${state}-${size.width}-${colorScheme}.png`;
      // A page of one column scrolls: all of it.
      await page.screenshot({ path: join(folder, name), fullPage: size.width < 900 });
    }
  }
  await page.setViewportSize(SIZES[0]);
}

/** Writes three images, and labels in colours of two of them. Returns the paths. */
async function colouredFiles(): Promise<string[]> {
  const side = 512;
  const colours = [
    [40, 40, 60],
    [120, 190, 220],
    [214, 96, 77],
  ];
  const files: Record<string, Uint8Array> = {};
  for (const seed of [1, 2, 3]) {
    const options = { seed, width: side, height: side, classes: 3 } as const;
    const { image, label } = syntheticSample(options);
    const grey = Uint8Array.from(image.data, (value) => Math.round(255 * value));
    const size = { width: side, height: side, bitDepth: 8 } as const;
    files[`section-${seed}.png`] = encodePng({ ...size, channels: 1, data: grey });
    if (seed === 3) continue;
    const planes = [0, 1, 2].map((channel) => label.data.map((index) => colours[index][channel]));
    const data = Uint8Array.from(planes.flatMap((plane) => [...plane]));
    files[`section-${seed}_label.png`] = encodePng({ ...size, channels: 3, data });
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return Object.keys(files).map((name) => join(folder, name));
}

/** Images of the user, with labels in colours. */
async function walkWithColours(page: Page): Promise<void> {
  await choose(page, "Choose files", await colouredFiles());
  await page.getByText("3 images, 2 labelled").waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  await take(page, "images-with-colours");
  await button(page, "Label section-1").click();
  await page.getByText(/% of this image is labelled/).waitFor();
  await take(page, "label-with-colours");
}

/** Labels that the app asks about: one number per cell, and soft edges. */
async function walkWithQuestions(page: Page): Promise<void> {
  const side = 160;
  const size = { width: side, height: side, channels: 1, bitDepth: 8 } as const;
  const { image, label } = syntheticSample({ seed: 4, width: side, height: side });
  const { labels } = connectedComponents(label.data, side, side);
  const blurred = label.data.map((value, i) => {
    const near = [i - 1, i + 1, i - side, i + side].map((at) => label.data[at] ?? value);
    return 51 * near.reduce((sum, one) => sum + one, value);
  });
  const files: Record<string, Uint8Array> = {
    "cells.png": encodePng({ ...size, data: image.data.map((value) => 255 * value) }),
    "cells_cp_masks.png": encodePng({ ...size, data: labels }),
    "cells_mask.png": encodePng({ ...size, data: blurred }),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const [picture, ids, soft] = Object.keys(files).map((name) => join(folder, name));
  await choose(page, "Choose files", [picture, soft]);
  await page.getByRole("dialog").waitFor();
  await take(page, "question-soft-edges");
  await page.keyboard.press("Escape");
  await choose(page, "Add files", [ids]);
  await page.getByRole("dialog").waitFor();
  await take(page, "question-cells");
  await page.keyboard.press("Enter");
  await page.getByText("1 image, 1 labelled").waitFor();
  await take(page, "images-with-remarks");
}

/** Nuclei, whose sizes are in micrometres, and corrections of their cells. */
async function walkWithNuclei(page: Page): Promise<void> {
  await button(page, "Try the nuclei").click();
  await page.getByText("24 images").waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  await take(page, "nuclei");
  await tab(page, /Label/).click();
  await page.getByRole("img", { name: /Scale bar/ }).waitFor();
  await take(page, "nuclei-label");
  await tab(page, /Train/).click();
  await page.getByText(/Takes about/).waitFor();
  await take(page, "nuclei-train");
  await page.getByLabel(/^Fast/).check();
  await page.getByText("All settings", { exact: true }).click();
  await page.getByLabel("Steps", { exact: true }).fill("150");
  await page.getByLabel("Steps", { exact: true }).blur();
  await button(page, "Train").click();
  await page.getByText(/^Trained for/).waitFor();
  await tab(page, /Measure/).click();
  await button(page, "Segment this image").click();
  await page.getByText(/^[\d,]+ cells?$/).waitFor();
  await button(page, "Split").click();
  const stage = page.getByRole("application");
  const box = await stage.boundingBox();
  if (!box) throw new Error("the stage is not on show");
  await page.mouse.move(box.x + 0.45 * box.width, box.y + 0.4 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.55 * box.width, box.y + 0.6 * box.height, { steps: 3 });
  await take(page, "measure-splitting");
  await page.mouse.up();
  await button(page, "Select").click();
  await page.locator(".cell-table tbody tr").first().click();
  await page.keyboard.press("Delete");
  await page.getByText("Cell deleted.").waitFor();
  await button(page, "Merge").click();
  await stage.focus();
  await page.keyboard.press(" ");
  await take(page, "measure-edited");
  await page.getByLabel("From, Area (µm²)").fill("40");
  await page.getByLabel("From, Area (µm²)").blur();
  await page.getByLabel(/Leave out cells/).check();
  await page.getByRole("grid").press("Home");
  await take(page, "measure-filtered");
}

async function withoutGpu(): Promise<void> {
  const { page } = await site.open({}, async (context) => {
    await context.route(/worker-.*\.js/, async (route) => {
      const response = await route.fetch();
      const body = `Object.defineProperty(navigator, "gpu", {});${await response.text()}`;
      await route.fulfill({ response, body });
    });
  });
  await page.getByText("No WebGPU: training is not possible yet").waitFor();
  await take(page, "start-without-a-gpu");
}

/** From the start page to the downloads. */
async function walk(page: Page): Promise<void> {
  await take(page, "start");
  await button(page, "Check its results").click();
  await button(page, "Check again").waitFor({ timeout: 300_000 });
  await take(page, "start-gpu-checked");
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  await take(page, "images");
  const notes = join(folder, "notes.txt");
  await writeFile(notes, "no image");
  await choose(page, "Add files", [notes]);
  await page.getByText(/was skipped/).waitFor();
  await take(page, "images-with-a-warning");
  await tab(page, /Label/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-11");
  await paint(page);
  await page.getByText(/% of this image is labelled/).waitFor();
  await take(page, "label");
  await tab(page, /Train/).click();
  await page.getByText(/Takes about/).waitFor();
  await take(page, "train");
  await setSmall(page, 20_000);
  await take(page, "train-settings");
  await page.getByText(/^--learning-rate/).scrollIntoViewIfNeeded();
  await take(page, "train-settings-below");
  await page.getByText("All settings", { exact: true }).click();
  await button(page, "Train").click();
  await page.getByText(/prediction of step [2-9]\d\d$/).waitFor();
  await take(page, "training");
  await button(page, "Pause").click();
  await page.getByText(/Paused at step/).waitFor();
  await take(page, "train-paused");
  await tab(page, /Correct/).click();
  await take(page, "correct");
  await button(page, "Find uncertain images").click();
  await page
    .getByText(/\d % uncertain/)
    .nth(1)
    .waitFor();
  await take(page, "correct-found");
  await page.getByLabel("Show uncertainty").check();
  await take(page, "correct-doubt");
  await tab(page, /Segment/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-01");
  await take(page, "segment");
  await button(page, "Segment this image").click();
  await page.getByText(/^Objects \(/).waitFor();
  await take(page, "segmented");
  await page.getByLabel("Overlay").selectOption("Outlines");
  await page.getByLabel("Side by side").selectOption("Next to the label");
  await take(page, "segmented-outlines-side-by-side");
  await page.getByLabel("Side by side").selectOption("One view");
  await page.getByLabel("Overlay").selectOption("Filled");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await take(page, "segmented-by-keys");
  await tab(page, /Export/).click();
  await take(page, "export");
  await tab(page, /Start/).click();
  await page.getByText("Continue").waitFor();
  await page.getByLabel("Delete Sample").click();
  await take(page, "question-delete");
  await page.keyboard.press("Escape");
  await take(page, "start-with-a-project");
  await tab(page, /Train/).click();
  await page.getByText("All settings", { exact: true }).click();
  await page.getByLabel("Tile size (px)").fill("16004");
  await page.getByLabel("Tile size (px)").blur();
  await page.getByText(/need a GPU buffer of/).waitFor();
  await page.getByText("All settings", { exact: true }).click();
  await button(page, /^Train .* more steps?$/).click();
  await page.getByText(/Not enough GPU memory/).waitFor();
  await take(page, "train-without-memory");
}

try {
  const walks = {
    road: walk,
    colours: walkWithColours,
    questions: walkWithQuestions,
    nuclei: walkWithNuclei,
  };
  for (const [name, walk] of Object.entries(walks)) {
    if (wanted.length === 0 || wanted.includes(name)) await walk((await site.open()).page);
  }
  if (wanted.length === 0) await withoutGpu();
  console.log(`${count} states, ${SIZES.length * 2} pictures each, in ${folder}`);
} finally {
  await site.close();
}
