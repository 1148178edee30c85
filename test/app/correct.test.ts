import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AppSite, openSite } from "./app-page.js";
import { button, choose, downloaded, paint, setSmall, tab } from "./walk.js";

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-project-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** As on a system whose locale browsers do not know. */
async function nameLanguage(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Object.defineProperty(navigator, "language", { value: "en-US@posix", configurable: true });
  });
}

/** Waits until a run has passed a step, and pauses it. Returns the step. */
async function pausePast(page: Page, step: number): Promise<number> {
  await page.getByRole("img", { name: /^Loss by step/ }).waitFor();
  await page.waitForFunction((step) => {
    const said = [...document.querySelectorAll("span")].map(
      ({ textContent }) => /^prediction of step (\d+)$/.exec(textContent ?? "")?.[1],
    );
    return said.some((at) => Number(at) > step);
  }, step);
  await button(page, "Pause").click();
  const status = await page.getByText(/Paused at step/).textContent();
  return Number(/\d+/.exec(status ?? "")?.[0]);
}

/** Accepts the most uncertain image, edits the other, and continues the training. Returns the step. */
async function correct(page: Page, steps: number): Promise<number> {
  await button(page, "Find uncertain images").click();
  const entries = page.getByRole("main").getByRole("button", { name: /\d % uncertain/ });
  await entries.nth(1).waitFor();
  const ranked = await entries.allTextContents();
  const parts = ranked.map((text) => /^(synthetic-\d\d)([\d.]+) % uncertain$/.exec(text));
  const doubts = parts.map((part) => Number(part?.[2]));
  assert.ok(doubts.length === 2 && doubts[0] >= doubts[1] && doubts[1] > 0, `${doubts}`);
  const names = parts.map((part) => part?.[1]);
  assert.equal([...names].sort(), ["synthetic-11", "synthetic-12"]);
  const shown = page.getByLabel("Selected image");
  await page.waitForFunction(
    (name) => document.querySelector<HTMLSelectElement>("select")?.value === name,
    names[0],
  );
  const legend = page.getByRole("list", { name: "Colours of the classes" });
  const classes = await legend.getByRole("listitem").allInnerTexts();
  assert.equal(
    classes.map((text) => text.trim()),
    ["membrane", "cell"],
  );
  await page.getByLabel("Show uncertainty").check();
  await page.getByText("certain uncertain").waitFor();
  assert.is(await legend.count(), 0);
  await page.getByLabel("Show uncertainty").uncheck();
  await button(page, "Accept").click();
  await entries.nth(1).waitFor({ state: "detached" });
  await entries.first().click();
  await button(page, "Accept and edit").click();
  await page.getByText("100.0 % of this image is labelled").waitFor();
  assert.is(await shown.inputValue(), names[1]);
  await paint(page);
  await button(page, "Undo").click();
  await paint(page);
  await tab(page, /Correct/).click();
  await page.getByText("Every image is labelled.").waitFor();
  await button(page, /^Train .* more steps?$/).click();
  return pausePast(page, steps);
}

test("uncertain images are accepted or edited, and the project continues elsewhere from its file", async () => {
  const { page, context, problems } = await site.open({}, nameLanguage);
  await button(page, "Try the sample").click();
  await button(page, "Continue to training").click();
  await setSmall(page, 20_000);
  await page.getByLabel("Learning rate schedule").selectOption("Cosine decay");
  await page.getByLabel("Elastic deformation").check();
  await page.getByText(/--elastic grid .*--schedule cosine/).waitFor();
  await button(page, "Train").click();
  const before = await pausePast(page, 0);
  await tab(page, /Correct/).click();
  const steps = await correct(page, before);

  // Predictions of an earlier network are in no file.
  await tab(page, /Segment/).click();
  const name = await page.getByLabel("Selected image").inputValue();
  await button(page, "Segment this image").click();
  await page.getByText(/^Objects \(/).waitFor();
  await tab(page, /Export/).click();
  const report = await downloaded(page, () => button(page, "Download report").click());
  const html = Buffer.from(report).toString();
  assert.match(html, new RegExp(`steps done</th><td>${steps}<`));
  assert.match(html, new RegExp(`<h3>${name}<`));
  const zip = await downloaded(page, () => button(page, "Download project").click());
  assert.equal(problems, []);
  await context.close();

  const path = join(folder, "project.zip");
  await writeFile(path, zip);
  const elsewhere = await site.open();
  await choose(elsewhere.page, "Choose files", [path]);
  await elsewhere.page.getByText("12 images, 12 labelled, 2 kept for validation").waitFor();
  await tab(elsewhere.page, /Train/).click();
  await elsewhere.page.getByText(`Paused at step ${steps}`).waitFor();
  await elsewhere.page.getByText("All settings", { exact: true }).click();
  assert.ok(await elsewhere.page.getByLabel("Elastic deformation").isChecked());
  assert.equal(elsewhere.problems, []);
  await elsewhere.context.close();
});

test.run();
