// A package whose network normalises each image by percentiles is trained further, with the real engine.

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { engine } from "../../src/cli/engine.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodePng } from "../../src/node/png-files.js";
import { loadCheckpoint } from "../../src/node.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { untrained } from "../interchange/untrained.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const PERCENTILES = { kind: "percentiles", low: 1, high: 99.8, epsilon: 1e-6, isJoint: true };

async function run(...args: string[]): Promise<string> {
  const fakes = fakeServices();
  const { code, stdout, stderr } = await runCli(args, { services: engine, log: fakes.log });
  assert.is(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Three images, each of another brightness and contrast, so that only their percentiles make them alike. */
async function writeData(): Promise<void> {
  const size = { width: 64, height: 56, channels: 1, bitDepth: 8 } as const;
  for (const folder of ["em/images", "em/labels"]) await mkdir(folder, { recursive: true });
  for (const [index, gain] of [0.9, 0.5, 0.2].entries()) {
    const { image, label } = syntheticSample({ seed: index, width: 64, height: 56 });
    const data = Uint8Array.from(image.data, (value) => 20 * index + 255 * gain * value);
    await writeFile(`em/images/${index}.png`, encodePng({ ...size, data }));
    const classes = label.data.map((one) => 255 * one);
    await writeFile(`em/labels/${index}.png`, encodePng({ ...size, data: classes }));
  }
}

test("train --from a package with percentiles trains, resumes, and its checkpoint predicts as it validates", async () => {
  await inFolder(async () => {
    await writeData();
    const plain = untrained({ base: 2, depth: 1 });
    const metadata = { ...plain.metadata, normalisation: PERCENTILES } as typeof plain.metadata;
    await writeFile("net.safetensors", encodeSafetensors({ ...plain, metadata }));
    const about = ["--name", "Cells", "--author", "Ada", "--licence", "MIT"];
    const image = ["--image", "em/images/0.png"];
    const to = ["--to", "bioimageio", "-o", "cells"];
    await run("export", "--checkpoint", "net.safetensors", ...to, ...about, ...image);

    const often = ["--validate-every", "2", "--workers", "0"];
    const begin = ["train", "em", "--from", "cells", "--validation", "2", "-o", "run"];
    await run(...begin, "--steps", "2", ...often);
    // The rest of the run reads its images from their files.
    process.env.MICROGRAPH_DATA_MEMORY = "0";
    await run("train", "--resume", "run", "--steps", "4", "--workers", "0");
    delete process.env.MICROGRAPH_DATA_MEMORY;
    const { normalisation, progress } = (await loadCheckpoint("run/last.safetensors")).metadata;
    assert.equal({ ...normalisation, epsilon: 1e-6 }, PERCENTILES);
    assert.is(progress?.step, 4);

    await mkdir("held");
    await copyFile("em/labels/2.png", "held/2.png");
    const checkpoint = ["--checkpoint", "run/best.safetensors"];
    await run("predict", "--input", "em/images/2.png", ...checkpoint, "-o", "out");
    const judged = JSON.parse(
      await run("evaluate", "--prediction", "out", "--labels", "held", "--json"),
    );
    const best = (await loadCheckpoint("run/best.safetensors")).metadata.progress?.best;
    assert.is(judged.all.wrongPixels, best?.wrongPixels);
    assert.ok(judged.all.wrongPixels > 0.05 && judged.all.wrongPixels < 0.95, "both classes count");
  });
});

test.run();
