import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/png/png.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { type AppSite, openSite } from "./app-page.js";
import { markLeft, walkWithoutLongTasks } from "./long-tasks.js";
import { button, choose, paint } from "./walk.js";

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-files-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** Files whose decoding takes a processor longer than a task may: their paths. */
async function largeFiles(): Promise<string[]> {
  const side = 1536;
  const data = Uint16Array.from({ length: side * side }, (_, i) => ((i * i) % 65521) & 0xff0f);
  const samples = Array.from({ length: 512 * 512 }, (_, i) => (i >> 9) & 255);
  const page = { width: 512, height: 512, samples, rowsPerStrip: 16 };
  const files = {
    "large.png": encodePng({ width: side, height: side, channels: 1, bitDepth: 16, data }),
    "stack.tif": tiffFile([page, page, page]),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return Object.keys(files).map((name) => join(folder, name));
}

test("large files are read, kept and shown without a task of 50 ms on the page's thread", async () => {
  const paths = await largeFiles();
  const { context, problems } = await walkWithoutLongTasks(site, async (page) => {
    await choose(page, "Choose files", paths);
    await page.getByText("4 images").waitFor();
    await page.getByRole("banner").getByText("saved").waitFor();
    await button(page, "Label large").click();
    await page.getByText("Not labelled yet.").waitFor();
    await paint(page);
    await page.getByText(/% of this image is labelled/).waitFor();
    await markLeft(page, "large files");
  });
  assert.equal(problems, []);
  await context.close();
});

test.run();
