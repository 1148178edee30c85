// The pictures of README and docs, from the embedded sample: `npm run docs:pictures`, or with a folder for
// them after `--`, and after that with a word to make only pictures of networks with it in their names. A network is trained for that, so their pixels differ between adapters.

import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { imageFromRaw } from "../../src/data/labels.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { decodePng, encodePng, picturePng } from "../../src/node/png-files.js";
import { imagePicture } from "../../src/pictures/views.js";
import { launchBrowser } from "../browser/chromium.js";
import { appPictures } from "./app-pictures.js";
import { nodePictures, pagePictures } from "./example-pictures.js";
import { figuresPicture, imageOf } from "./html-picture.js";
import { networkPictures } from "./network-pictures.js";
import { smallPng } from "./small-png.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const [given = join(root, "docs", "pictures"), wanted] = process.argv.slice(2);
await mkdir(given, { recursive: true });
const work = await mkdtemp(join(tmpdir(), "micrograph-pictures-"));

/** Runs a command of the program. */
function micrograph(...args: string[]): void {
  const cli = join(root, "dist", "src", "cli.js");
  execFileSync(process.execPath, [cli, ...args], { cwd: work, stdio: "inherit" });
}

/** Colours of pictures that are mostly noise: more would not be seen, and cost bytes. */
const NOISY = 20;

async function keep(name: string, png: Uint8Array, colours?: number): Promise<void> {
  const small = smallPng(png, name, colours);
  await writeFile(join(given, `${name}.png`), small);
  console.log(`${name}.png: ${Math.round(small.length / 1000)} kB`);
}

interface Shown {
  /** Below the work folder; PNG or SVG. */
  readonly file: string;
  readonly title: string;
  /** The share of its height that is shown, from the top; all of it when left out. */
  readonly share?: number;
}

/** Pictures next to each other with a title below each, each so many pixels wide. */
async function row(browser: Browser, name: string, shown: readonly Shown[], width: number) {
  const figures = shown.map(async ({ file, title, share }) => {
    const type = file.endsWith(".svg") ? "svg+xml" : "png";
    return { html: imageOf(await readFile(join(work, file)), width, type, share), title };
  });
  await keep(name, await figuresPicture(browser, await Promise.all(figures)), NOISY);
}

/** The folder of the tutorial: ten images with labels, two to segment. */
async function writeCells(): Promise<void> {
  const size = { width: 256, height: 256, channels: 1, bitDepth: 8 } as const;
  for (const folder of ["cells/images", "cells/labels", "new"]) {
    await mkdir(join(work, folder), { recursive: true });
  }
  for (let i = 1; i <= 12; i++) {
    const { image, label } = syntheticSample({ seed: i, width: 256, height: 256 });
    const name = `${String(i).padStart(2, "0")}.png`;
    const file = (folder: string) => join(work, folder, name);
    const grey = encodePng({ ...size, data: image.data.map((value) => 255 * value) });
    await writeFile(file(i <= 10 ? "cells/images" : "new"), grey);
    if (i > 10) continue;
    await writeFile(
      file("cells/labels"),
      encodePng({ ...size, data: label.data.map((v) => 255 * v) }),
    );
  }
}

async function samplePictures(browser: Browser): Promise<void> {
  micrograph("train", "-o", "sample");
  const input = join("sample", "samples", "input");
  micrograph(
    ...["predict", "--checkpoint", join("sample", "best.safetensors"), "--input", input],
    ...["-o", "masks", "--overlay", "--components"],
  );
  // In the greys that the overlay has too.
  const raw = decodePng(await readFile(join(work, input, "synthetic-10.png")), "synthetic-10");
  await writeFile(join(work, "image.png"), picturePng(imagePicture(imageFromRaw(raw))));
  const panels = [
    { file: "image.png", title: "image" },
    { file: join("sample", "samples", "label", "synthetic-10.png"), title: "label" },
    { file: join("masks", "synthetic-10-probability.png"), title: "prediction" },
    { file: join("masks", "synthetic-10-overlay.png"), title: "overlay" },
  ];
  await row(browser, "sample", panels, 200);
}

/** Pictures from the commands of the tutorial. */
async function tutorialPictures(browser: Browser): Promise<void> {
  await writeCells();
  micrograph("gallery", "cells", "-o", "gallery", "--rotation", "20", "--shear", "0.2");
  // Its first row of panels: each kind of augmentation separately.
  const augmentation = {
    file: join("gallery", "augmentation.png"),
    title: "as it is; flips and turns; rotation; shear",
    share: 0.33,
  };
  await row(browser, "augmentation", [augmentation], 640);
  const data = ["01", "02"].flatMap((name) =>
    ["images", "labels"].map((what) => ({
      file: join("cells", what, `${name}.png`),
      title: `${what}/${name}.png`,
    })),
  );
  await row(browser, "tutorial-data", data, 190);
  const minutes = ["--preset", "small", "--max-minutes", "6"];
  micrograph("train", "cells", "-o", "cells-run", ...minutes);
  await row(browser, "tutorial-loss", [{ file: join("cells-run", "loss.svg"), title: "" }], 560);
  micrograph(
    ...["predict", "--checkpoint", join("cells-run", "best.safetensors"), "-o", "cells-masks"],
    ...["--input", "new", "--symmetries", "7", "--overlay"],
  );
  const masks = ["", "-probability", "-overlay"].map((what) => ({
    file: join("cells-masks", `11${what}.png`),
    title: `masks/11${what}.png`,
  }));
  await row(
    browser,
    "tutorial-masks",
    [{ file: "new/11.png", title: "new/11.png" }, ...masks],
    190,
  );
}

try {
  const browser = await launchBrowser();
  if (wanted === undefined) {
    await samplePictures(browser);
    await tutorialPictures(browser);
    await nodePictures(browser, keep);
  }
  await networkPictures(browser, keep, wanted);
  await browser.close();
  if (wanted === undefined) {
    await pagePictures(keep);
    await appPictures(keep);
  }
} finally {
  await rm(work, { recursive: true });
}
