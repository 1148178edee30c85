// Files of version 0.1.0 are read by this version (test/fixtures/README.md).

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadCheckpoint } from "../../src/node/checkpoint.js";
import { loadImage } from "../../src/node/image-files.js";
import { decodePng } from "../../src/node/png-files.js";
import { createPredictor } from "../../src/predict/predict.js";
import { testDevice } from "../device.js";
import { relativeError } from "../numbers.js";

const fixtures = fileURLToPath(new URL("../../../test/fixtures/0.1.0/", import.meta.url));
const cli = fileURLToPath(new URL("../../src/cli.js", import.meta.url));

for (const [file, folder, title] of [
  ["run/best.safetensors", "unet", "a U-Net"],
  ["fcn8s.safetensors", "fcn8s", "an FCN"],
]) {
  test(`a checkpoint of ${title} predicts what it predicted`, async () => {
    const checkpoint = await loadCheckpoint(join(fixtures, file));
    const predictor = await createPredictor(await testDevice(), checkpoint);
    const image = await loadImage(join(fixtures, "em/images/c.png"));
    const { probabilities } = await predictor.predict(image, "c");
    predictor.close();
    const path = join(fixtures, "predicted", folder, "c-probability-1.png");
    const { data } = decodePng(await readFile(path), path);
    const count = data.length;
    const found = probabilities.subarray(count, 2 * count);
    const off = Math.max(...found.map((value, i) => Math.abs(value - data[i] / 65535)));
    assert.ok(off < 2e-5, `off by ${off}`); // half a step of 16 bits, and another adapter's rounding
  });
}

test("an old run folder is resumed as the run would have continued, and its report is written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-earlier-"));
  try {
    const run = join(folder, "run");
    await cp(join(fixtures, "run"), run, { recursive: true });
    const data = ["--images", join(fixtures, "em/images"), "--labels", join(fixtures, "em/labels")];
    const started = promisify(execFile)(process.execPath, [
      ...[cli, "train", "--resume", run, ...data, "--steps", "6", "--workers", "0", "--json"],
    ]);
    assert.is(JSON.parse((await started).stdout).steps, 6);
    const resumed = await loadCheckpoint(join(run, "last.safetensors"));
    const whole = await loadCheckpoint(join(fixtures, "whole.safetensors"));
    assert.equal([...resumed.tensors.keys()].sort(), [...whole.tensors.keys()].sort());
    for (const [name, { shape, data }] of whole.tensors) {
      const found = resumed.tensors.get(name);
      assert.equal(found?.shape, shape, name);
      const off = relativeError(found?.data ?? [], Float64Array.from(data));
      assert.ok(off < 1e-3, `${name} is off by ${off}`); // of another adapter's rounding, six steps on
    }
    const report = await readFile(join(run, "report.html"), "utf8");
    assert.match(report, /nucleus/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
