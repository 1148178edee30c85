// A whole session with a network that was trained in Node, on classes with names and colours.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { decodePng, encodePng } from "../../src/formats/png/png.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { train } from "../../src/train/train.js";
import { testDevice } from "../device.js";
import { type AppSite, openSite } from "./app-page.js";
import { button, choose, downloaded, tab } from "./walk.js";

const NAMES = ["membrane", "cell", "organelle"];
const COLOURS = ["#000000", "#ffffff", "#d4442f"];
const SIZE = 48;

let site: AppSite;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "micrograph-classes-"));
  site = await openSite();
});
test.after(async () => {
  await site?.close();
  await rm(folder, { recursive: true });
});

/** Files of a network and of an image, as written by Node. */
async function writeFiles(): Promise<string[]> {
  const { image, label } = syntheticSample({ seed: 1, width: SIZE, height: SIZE });
  const data = label.data.map((index, pixel) => (pixel % SIZE < 12 ? 2 : index));
  const sample = { name: "cells", image, label: { ...label, classes: 3, data } };
  const given = { classes: 3, classNames: NAMES, classColours: COLOURS };
  let file = new Uint8Array();
  await train(
    await testDevice(),
    { training: [sample], validation: [] },
    modelConfig({ base: 4, depth: 1, ...given }),
    trainingConfig({ tile: 28, steps: 2 }),
    {
      onCheckpoint(kind, checkpoint) {
        if (kind === "last") file = encodeSafetensors(checkpoint) as typeof file;
      },
    },
  );
  const grey = Uint8Array.from(image.data, (value) => Math.round(255 * value));
  const png = encodePng({ width: SIZE, height: SIZE, channels: 1, bitDepth: 8, data: grey });
  const paths = [join(folder, "last.safetensors"), join(folder, "cells.png")];
  await writeFile(paths[0], file);
  await writeFile(paths[1], png);
  return paths;
}

/** The legend on show: each class's name with the colour of its square. */
async function legend(page: Page): Promise<string[]> {
  const list = page.getByRole("main").getByRole("list", { name: "Colours of the classes" });
  await list.waitFor();
  return list.getByRole("listitem").evaluateAll((items) =>
    items.map((item) => {
      const square = item.querySelector(".swatch") as Element;
      return `${item.textContent?.trim()} ${getComputedStyle(square).backgroundColor}`;
    }),
  );
}

const SAID = ["membrane rgb(0, 0, 0)", "cell rgb(255, 255, 255)", "organelle rgb(212, 68, 47)"];

/** Renames a class by keys, after two names that are discarded. */
async function rename(page: Page): Promise<void> {
  await tab(page, /Label/).click();
  const name = page.getByRole("textbox", { name: "Name of class 3" });
  assert.is(await name.inputValue(), "organelle");
  assert.is(await page.getByLabel("Colour of organelle").inputValue(), "#d4442f");
  await name.focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("cell");
  await page.keyboard.press("Enter");
  await page
    .getByRole("alert")
    .getByText("Two classes cannot have the same name (cell).")
    .waitFor();
  assert.is(await name.inputValue(), "organelle", "what cannot be is taken back");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("no");
  await page.keyboard.press("Escape");
  assert.is(await name.inputValue(), "organelle", "Escape takes it back too");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("nucleus");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Paint nucleus" }).waitFor();
  await tab(page, /Segment/).click();
  await page.locator(".figures").getByText("nucleus").waitFor();
}

/** Every download has the current names. */
async function download(page: Page): Promise<void> {
  await tab(page, /Export/).click();
  const names = ["membrane", "cell", "nucleus"];
  const bytes = await downloaded(page, () => button(page, "Download network").click());
  const { metadata, tensors } = decodeSafetensors(bytes, "best.safetensors");
  assert.equal([metadata.task?.classNames, metadata.task?.classColours], [names, COLOURS]);
  assert.ok([...tensors.keys()].some((one) => one.startsWith("optimizer.")));
  const zip = unzipSync(await downloaded(page, () => button(page, "Download project").click()));
  const json = JSON.parse(Buffer.from(zip["project.json"]).toString());
  assert.equal(
    json.classes.map((one: { name: string }) => one.name),
    names,
  );
  const kept = decodeSafetensors(zip["checkpoints/last.safetensors"], "last");
  assert.equal(kept.metadata.task?.classNames, names);
  const report = await downloaded(page, () => button(page, "Download report").click());
  assert.match(Buffer.from(report).toString(), /<td>membrane, cell, nucleus<\/td>/);
  const pictures = unzipSync(await downloaded(page, () => button(page, "Download all").click()));
  assert.equal(JSON.parse(Buffer.from(pictures["classes.json"]).toString()).classNames, names);
  const coloured = decodePng(pictures["cells-colours.png"], "colours");
  assert.equal([...(coloured.indices ?? [])], [...decodePng(pictures["cells.png"], "x").data]);
  await page.getByText(/--class-names membrane,cell,nucleus/).waitFor();
}

test("names and colours of Node are shown, changed by keys, and are in every download", async () => {
  const paths = await writeFiles();
  const { page, context, problems } = await site.open();
  await choose(page, "Choose files", paths);
  await page.getByText("1 image, 0 labelled").waitFor();
  assert.equal(await legend(page), SAID);
  await tab(page, /Segment/).click();
  await button(page, "Segment this image").click();
  await page.getByText(/^Objects \(/).waitFor();
  const rows = await page.locator(".figures dt").allTextContents();
  assert.equal(
    rows.slice(1).map((text) => text.trim()),
    NAMES.map((name) => `${name} area`),
  );
  for (const name of [/Train/, /Correct/]) {
    await tab(page, name).click();
    assert.equal(await legend(page), SAID, `${name}`);
  }

  await rename(page);
  await download(page);

  // A reload finds them in the browser's storage.
  await page.getByRole("banner").getByText("saved").waitFor();
  await page.reload();
  await tab(page, /Images/).click();
  assert.equal(await legend(page), [...SAID.slice(0, 2), "nucleus rgb(212, 68, 47)"]);
  assert.equal(problems, []);
  await context.close();
});

test.run();
