// What a user does in the app, for tests that go through its pages by clicks.

import { readFile } from "node:fs/promises";
import type { CDPSession, Locator, Page } from "playwright-core";

/** A button of the current page. */
export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole("main").getByRole("button", { name, exact: true });

/** The navigation's link to a page. */
export const tab = (page: Page, name: RegExp): Locator =>
  page.getByRole("navigation").getByRole("button", { name });

/** A network and a run that take a processor seconds, by the labels of the settings. */
export const SMALL: Readonly<Record<string, number>> = {
  "Channels in first layer": 2,
  Depth: 1,
  "Tile size (px)": 64,
  "Steps between validations": 20,
};

export async function setSmall(page: Page, steps: number): Promise<void> {
  await page.getByText("All settings", { exact: true }).click();
  for (const [label, value] of Object.entries({ ...SMALL, Steps: steps })) {
    await page.getByLabel(label, { exact: true }).fill(String(value));
    await page.getByLabel(label, { exact: true }).blur();
  }
}

/** A stroke across the middle of the stage. */
export async function paint(page: Page): Promise<void> {
  const box = await page.getByRole("application").boundingBox();
  if (!box) throw new Error("the stage is not on show");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 40, y);
  await page.mouse.down();
  await page.mouse.move(x + 40, y + 20, { steps: 5 });
  await page.mouse.up();
}

export async function downloaded(page: Page, click: () => Promise<void>): Promise<Uint8Array> {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFile(await download.path());
}

/** Chooses files, by their paths, in the dialog that a button opens. */
export async function choose(page: Page, name: string, paths: readonly string[]): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    button(page, name).click(),
  ]);
  await chooser.setFiles([...paths]);
}

type Finger = readonly [x: number, y: number];

/** Puts fingers down, moves or lifts them: `points` has all that are down afterwards. */
export async function touch(
  cdp: CDPSession,
  type: "touchStart" | "touchMove" | "touchEnd",
  ...fingers: readonly Finger[]
): Promise<void> {
  const touchPoints = fingers.map(([x, y], id) => ({ x, y, id }));
  await cdp.send("Input.dispatchTouchEvent", { type, touchPoints });
}
