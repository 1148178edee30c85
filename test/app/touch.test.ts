import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { moved, pinched, resized, toImage } from "../../app/src/canvas/viewport.js";
import { type AppSite, openSite } from "./app-page.js";
import { layoutProblems } from "./layout-problems.js";
import { button, tab, touch } from "./walk.js";

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-touch-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** The zoom of the stage in per cent. */
const zoom = async (page: Page) =>
  Number.parseInt((await page.locator(".zoom").textContent()) ?? "", 10);

test("on phones, tablets and at 200 % nothing is outside the page or under the stage", async () => {
  const { page, context, problems } = await site.open();
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await page.getByRole("banner").getByText("saved").waitFor();
  const found: string[] = [];
  for (const width of [320, 390, 640, 820, 960, 1280]) {
    await page.setViewportSize({ width, height: 700 });
    for (const name of ["Start", "Images", "Label", "Train", "Export"]) {
      await tab(page, new RegExp(name)).dispatchEvent("click");
      await page.locator(`nav [aria-current]:has-text("${name}")`).waitFor();
      assert.is(await page.locator("h1").count(), 1, `headings of ${name}`);
      const wrong = await layoutProblems(page, width);
      found.push(...wrong.map((problem) => `${name}, ${width} px: ${problem}`));
    }
  }
  assert.equal(found, []);
  assert.equal(problems, []);
  await context.close();
});

test("one finger paints; two zoom and pan, and undo the stroke of the first", async () => {
  const { page, context, problems } = await site.open({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await tab(page, /Label/).click();
  await page.getByLabel("Selected image").selectOption("synthetic-11");
  await page.getByText("Not labelled yet.").waitFor();
  const cdp = await context.newCDPSession(page);
  const box = await page.getByRole("application").boundingBox();
  assert.ok(box);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const before = await zoom(page);

  await touch(cdp, "touchStart", [x - 30, y]);
  await touch(cdp, "touchMove", [x - 20, y]);
  await touch(cdp, "touchStart", [x - 20, y], [x + 20, y]);
  await touch(cdp, "touchMove", [x - 40, y], [x + 40, y]);
  await touch(cdp, "touchMove", [x - 60, y], [x + 60, y]);
  // The remaining finger does not paint.
  await touch(cdp, "touchEnd", [x - 60, y]);
  await touch(cdp, "touchMove", [x - 10, y + 40]);
  await touch(cdp, "touchEnd");
  await page.getByText("Not labelled yet.").waitFor();
  const after = await zoom(page);
  assert.ok(Math.abs(after - 3 * before) <= 4, `${before} % became ${after} %`);

  await touch(cdp, "touchStart", [x - 30, y]);
  await touch(cdp, "touchMove", [x + 30, y]);
  await touch(cdp, "touchEnd");
  await page.getByText(/% of this image is labelled/).waitFor();

  // A pen paints while the hand rests on the screen.
  await page.getByLabel("Selected image").selectOption("synthetic-12");
  await page.getByText("Not labelled yet.").waitFor();
  await touch(cdp, "touchStart", [x + 60, y + 60]);
  const pen = { pointerType: "pen", button: "left", buttons: 1, y } as const;
  await cdp.send("Input.dispatchMouseEvent", { type: "mousePressed", x, ...pen });
  await cdp.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: x + 20, ...pen });
  await cdp.send("Input.dispatchMouseEvent", { type: "mouseReleased", x: x + 20, ...pen });
  await touch(cdp, "touchEnd");
  await page.getByText(/% of this image is labelled/).waitFor();
  assert.is(await zoom(page), after);
  assert.equal(problems, []);
  await context.close();
});

/** A file that is not an image. */
async function notes(): Promise<string> {
  const path = join(folder, "x.txt");
  await writeFile(path, "no image");
  return path;
}

/** Drops a file as from another program. */
async function dropOn(page: Page, target: Locator, path: string): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const box = await target.boundingBox();
  assert.ok(box);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await cdp.send("Input.dispatchDragEvent", { type, ...at, data });
  }
}

test("keys, the right button, a dropped file and a resized window do what is expected", async () => {
  const { page, context, problems } = await site.open();
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await tab(page, /Label/).click();
  const skip = page.getByRole("button", { name: "Skip to content" });
  await skip.focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.getByRole("main").evaluate((main) => main === document.activeElement));
  const brush = button(page, "Brush");
  const picker = page.getByLabel("Selected image");
  await picker.focus();
  await picker.press("e");
  assert.is(await brush.getAttribute("aria-pressed"), "true", "a letter in the list is the list's");
  const stage = page.getByRole("application");
  await stage.focus();
  await page.keyboard.press("e");
  assert.is(await brush.getAttribute("aria-pressed"), "false");

  const hasMenu = await stage.evaluate((element) =>
    element.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true })),
  );
  assert.is(hasMenu, false, "the right button moves the image");
  await dropOn(page, stage, await notes());
  await page.getByText(/^x\.txt was skipped: /).waitFor();

  const fit = await zoom(page);
  await stage.press("Control+Equal");
  assert.is(await zoom(page), fit, "that zooms the page");
  for (let i = 0; i < 4; i++) await page.keyboard.press("+");
  const zoomed = await zoom(page);
  await page.setViewportSize({ width: 1100, height: 640 });
  await page.waitForFunction(() => (document.querySelector(".stage")?.clientWidth ?? 0) < 700);
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  assert.is(await zoom(page), zoomed);
  assert.equal(problems, []);
  await context.close();
});

test("zooming keeps the points under two fingers, and resizing keeps the middle", () => {
  const view = { scale: 2, left: 10, top: -20 };
  const before = [
    { x: 100, y: 100 },
    { x: 200, y: 100 },
  ] as const;
  const after = [
    { x: 90, y: 150 },
    { x: 290, y: 150 },
  ] as const;
  const next = pinched(view, before, after);
  assert.is(next.scale, 4);
  for (const i of [0, 1]) assert.equal(toImage(next, after[i]), toImage(view, before[i]));
  const near = [
    { x: 5, y: 5 },
    { x: 5, y: 5 },
  ] as const;
  assert.equal(pinched(view, near, near), view);
  assert.equal(
    resized(view, { width: 100, height: 80 }, { width: 160, height: 60 }),
    moved(view, 30, -10),
  );
});

test.run();
