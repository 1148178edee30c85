import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { type AppSite, openSite } from "./app-page.js";
import { markLeft, walkWithoutLongTasks } from "./long-tasks.js";
import { button, choose, paint, tab } from "./walk.js";

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

const COLOURS = ["#ff0000", "#00ff00", "#0000ff"];

/** A small network for the three classes, untrained. */
function network(): Uint8Array {
  const { parameters, config } = unet(
    modelConfig({ base: 2, depth: 1, classes: 3, classColours: COLOURS }),
  );
  const values = initialValues(parameters, 1);
  const tensors = parameters.list.map((parameter) => {
    const { name, shape } = parameter;
    return [name, { shape, data: slice(parameter, values) }] as const;
  });
  const metadata = { model: config, normalisation: { kind: "image" } } as const;
  return encodeSafetensors({ tensors: new Map(tensors), metadata });
}

/** The page's count of finished tiles. */
function watchTiles(page: Page): Promise<() => Promise<string[]>> {
  return page
    .evaluateHandle(() => {
      const said: string[] = [];
      new MutationObserver(() => {
        const text = document.querySelector("main [role=status]")?.textContent ?? "";
        if (text.includes("tile") && text !== said.at(-1)) said.push(text);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
      return said;
    })
    .then((said) => () => said.jsonValue());
}

/** Paths of files that take longer to decode than a task may take. */
async function largeFiles(): Promise<string[]> {
  const side = 1536;
  const data = Uint16Array.from({ length: side * side }, (_, i) => ((i * i) % 65521) & 0xff0f);
  const floats = Float32Array.from(data, (value, i) => (i % 97 === 0 ? Number.NaN : value - 3e4));
  const samples = Array.from({ length: 512 * 512 }, (_, i) => (i >> 9) & 255);
  const colours = [0, 1, 2].flatMap((channel) =>
    Array.from({ length: side * side }, (_, i) => 255 * Number((i >> 4) % 3 === channel)),
  );
  const page = { width: 512, height: 512, samples, rowsPerStrip: 16 };
  const files = {
    "large.png": encodePng({ width: side, height: side, channels: 1, bitDepth: 16, data }),
    "coloured.png": encodePng({ width: side, height: side, channels: 1, bitDepth: 16, data }),
    "coloured_label.png": encodePng({
      width: side,
      height: side,
      channels: 3,
      bitDepth: 8,
      data: Uint8Array.from(colours),
    }),
    "floats.tif": encodeTiff({ width: side, height: side, channels: 1, maximum: 1, data: floats }),
    "stack.tif": tiffFile([page, page, page]),
    "network.safetensors": network(),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return Object.keys(files).map((name) => join(folder, name));
}

test("large images and labels are read, kept, shown and segmented without a task of 50 ms on the page's thread", async () => {
  const paths = await largeFiles();
  let said: string[] = [];
  const { context, problems } = await walkWithoutLongTasks(site, async (page) => {
    await choose(page, "Choose files", paths);
    await page.getByText("6 images, 1 labelled").waitFor();
    await page.getByRole("banner").getByText("saved").waitFor();
    await button(page, "Label floats").click();
    await page.getByText("Not labelled yet.").waitFor();
    await page.getByLabel("Selected image").selectOption("large");
    await paint(page);
    await page.getByText(/% of this image is labelled/).waitFor();
    await button(page, "Fill").click();
    await page.getByRole("application").click({ position: { x: 300, y: 20 } });
    await page.getByText(/^100.0 % of this image is labelled/).waitFor();
    await tab(page, /Segment/).click();
    const tiles = await watchTiles(page);
    await button(page, "Segment this image").click();
    await page.getByText(/^Objects \(/).waitFor();
    said = await tiles();
    await markLeft(page, "large files");
  });
  assert.equal(problems, []);
  assert.ok(said.length >= 3, `of the tiles it said: ${said}`);
  assert.ok(
    said.every((text) => /^large: tile \d+ of \d+$/.test(text)),
    said.join(", "),
  );
  await context.close();
});

test.run();
