// Reading many large files shows its progress and can be stopped.

import { link, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { type AppSite, openSite } from "./app-page.js";
import { choose } from "./walk.js";

const FILES = 30;

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-stopping-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** One large file under many names. */
async function manyFiles(): Promise<string[]> {
  const side = 1400;
  const data = Float32Array.from({ length: 2 * side * side }, (_, i) => (i * 7919) % 1009);
  const bytes = encodeTiff({ width: side, height: side, channels: 2, maximum: 1, data });
  const paths = Array.from({ length: FILES }, (_, i) => join(folder, `${i}.tif`));
  await writeFile(paths[0], bytes);
  for (const path of paths.slice(1)) await link(paths[0], path);
  return paths;
}

test("reading shows its progress and can be stopped: what was read stays, and more can be added", async () => {
  const paths = await manyFiles();
  const { page, context, problems } = await site.open();
  await choose(page, "Choose files", paths);
  // When the second is on show, one has been read.
  await page.getByText(new RegExp(`^Reading file ([2-9]|\\d\\d) of ${FILES}$`)).waitFor();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/^Stopped after \d+ files?\.$/).waitFor();
  const cards = page.locator(".image-card");
  await cards.first().waitFor();
  const count = await cards.count();
  assert.ok(count >= 1 && count < FILES, `${count} images`);
  assert.is(await page.getByText(/^Reading file/).count(), 0);
  await page.getByText("1400 × 1400, 2 channels, 32-bit floats").first().waitFor();
  await choose(page, "Add files", [paths[FILES - 1]]);
  await page.getByText(`${count + 1} images, 0 labelled`).waitFor();
  assert.equal(problems, []);
  await context.close();
});

test.run();
