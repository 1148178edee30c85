import type { Locator, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AppSite, openSite } from "./app-page.js";
import { button, downloaded, SMALL, tab } from "./walk.js";

let site: AppSite;
test.before(async () => {
  site = await openSite();
});
test.after(() => site?.close());

/** The most tab stops on the way to a control; each image has three. */
const MOST_STOPS = 60;

/** Presses Tab, or Shift+Tab, until a control has the focus. */
async function tabTo(control: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await control.waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await control.page().keyboard.press(key);
    if (await control.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${control} has not the focus after ${MOST_STOPS} times ${key}`);
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

async function enter(control: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await tabTo(control, key);
  await press(control.page(), "Enter");
}

test("a whole session needs only the keyboard", async () => {
  const { page, context, problems } = await site.open();
  await enter(button(page, "Try the sample"));
  await page.getByText("12 images").waitFor();
  await tabTo(page.getByRole("slider", { name: "Black" }));
  await press(page, "ArrowRight", "ArrowRight");
  await page.locator(".contrast").getByText("2 %").waitFor();

  await enter(tab(page, /Label/), "Shift+Tab");
  // The last image, a class, a larger brush; a stroke in the middle, undone and painted elsewhere.
  await page.getByText(/% of this image is labelled/).waitFor();
  await press(page, "p");
  await page.getByText("Not labelled yet.").waitFor();
  await press(page, "2", "]", "]");
  await tabTo(page.getByRole("application"));
  await press(page, "Space");
  await page.getByText(/% of this image is labelled/).waitFor();
  await press(page, "Control+z");
  await page.getByText("Not labelled yet.").waitFor();
  await press(page, "+", "ArrowLeft", "ArrowDown", "Space");
  await page.getByText(/% of this image is labelled/).waitFor();

  await enter(button(page, "Continue to training"));
  await enter(page.getByText("All settings", { exact: true }));
  for (const [name, value] of Object.entries(SMALL)) {
    await tabTo(page.getByLabel(name, { exact: true }));
    await press(page, "Control+a");
    await page.keyboard.type(String(value));
  }
  await enter(button(page, "Train"), "Shift+Tab");
  await page.getByText(/^prediction of step [2-9]\d/).waitFor();
  await enter(button(page, "Pause"));
  await page.getByText(/Paused at step/).waitFor();

  await enter(button(page, "Segment images"));
  await enter(button(page, "Segment this image"));
  await page.getByText(/^Objects \(/).waitFor();
  await enter(tab(page, /Export/), "Shift+Tab");
  const checkpoint = await downloaded(page, () => enter(button(page, "Download network")));
  assert.ok(checkpoint.length > 1000);
  assert.equal(problems, []);
  await context.close();
});

test("a page that opens takes the focus and listens to its keys before the next event", async () => {
  const { page, context } = await site.open();
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "page");
  const focus = await tab(page, /Label/).evaluate(async (link: HTMLElement) => {
    link.focus();
    link.click();
    // The next task: no frame comes before it.
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(0);
    });
    dispatchEvent(new KeyboardEvent("keydown", { key: "2" }));
    return document.activeElement?.id;
  });
  assert.is(focus, "page");
  await page
    .locator("button[aria-label^='2: paint'][aria-pressed=true]")
    .waitFor({ timeout: 9000 });
  await context.close();
});

test.run();
