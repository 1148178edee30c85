import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng } from "../../src/formats/png/png.js";
import { type AppSite, openSite } from "./app-page.js";
import { button, tab } from "./walk.js";

let site: AppSite;
test.before(async () => {
  site = await openSite();
});
test.after(() => site?.close());

/** The pixels of the stage as displayed. */
async function seen(page: Page): Promise<Uint8Array> {
  const png = await page.getByRole("application").screenshot();
  return decodePng(new Uint8Array(png), "the stage").data as Uint8Array;
}

/** The stage with its layer of colours transparent, then opaque. */
async function clearAndOpaque(page: Page): Promise<[Uint8Array, Uint8Array]> {
  const opacity = page.getByLabel(/opacity/i);
  await opacity.fill("0");
  const clear = await seen(page);
  await opacity.fill("1");
  return [clear, await seen(page)];
}

const shareOfOther = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, value, i) => sum + Number(Math.abs(value - b[i]) > 2), 0) / a.length;

/** Takes pictures until what is drawn in later tasks is there, for at most 10 s. Returns the last one. */
async function lookUntil(page: Page, isRight: (share: number) => boolean): Promise<number> {
  const until = performance.now() + 10_000;
  for (;;) {
    const share = shareOfOther(...(await clearAndOpaque(page)));
    if (isRight(share) || performance.now() > until) return share;
  }
}

test("the stage has the colours of its image, whatever it showed before", async () => {
  const { page, context, problems } = await site.open();
  await button(page, "Try the sample").click();
  await page.getByText("12 images").waitFor();
  await tab(page, /Label/).click();
  const picker = page.getByLabel("Selected image");
  // A labelled image, an unlabelled one, and both again.
  for (const [name, isLabelled] of [
    ["synthetic-01", true],
    ["synthetic-11", false],
    ["synthetic-02", true],
    ["synthetic-12", false],
  ] as const) {
    await picker.selectOption(name);
    const share = await lookUntil(page, (share) => share > 0.2 === isLabelled);
    assert.is(share > 0.2, isLabelled, `${name}: ${share} of the pixels have a label's colour`);
    if (!isLabelled) assert.is(share, 0, `${name} has no label`);
  }

  // Holding the key hides the colours; the label is next to the image.
  const opacity = page.getByLabel(/opacity/i);
  await picker.selectOption("synthetic-01");
  await lookUntil(page, (share) => share > 0.2);
  await opacity.fill("0");
  const clear = await seen(page);
  await opacity.fill("1");
  const differs = async () => shareOfOther(clear, await seen(page)) > 0.2;
  assert.ok(await differs());
  await page.keyboard.down("h");
  assert.not.ok(await differs());
  await page.keyboard.up("h");
  assert.ok(await differs());
  await page.getByLabel("Single-key shortcuts").uncheck();
  await page.keyboard.press("e");
  assert.is(await button(page, "Brush").getAttribute("aria-pressed"), "true");
  // The view is saved silently, some time after the project.
  await opacity.fill("0.7");
  await page.waitForFunction(async () => {
    const projects = await (await navigator.storage.getDirectory()).getDirectoryHandle("projects");
    for await (const folder of projects.values() as AsyncIterable<FileSystemDirectoryHandle>) {
      const file = await (await folder.getFileHandle("project.json")).getFile();
      if (JSON.parse(await file.text()).session?.view?.opacity === 0.7) return true;
    }
    return false;
  });
  await page.reload();
  await page.getByText(/% of this image is labelled/).waitFor();
  assert.not.ok(await page.getByLabel("Single-key shortcuts").isChecked());
  await page.getByLabel("Side by side").selectOption("Next to the label");
  await page.getByRole("img", { name: /^Label of / }).waitFor();
  assert.equal(problems, []);
  await context.close();
});

test.run();
