import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { createSampler } from "../../src/data/tiles.js";
import { floatsOf, readSafetensors } from "../../src/formats/safetensors.js";
import { encodePng } from "../../src/node/png-files.js";
import { inFolder, runCli } from "./run.js";

const [side, output, batch] = [28, 12, 3];

/** Writes a drawn image and its label; returns both as they are read. */
async function writePair(seed: number) {
  const { image, label } = syntheticSample({ seed, width: 64, height: 64 });
  const size = { width: 64, height: 64, channels: 1, bitDepth: 8 } as const;
  const grey = Uint8Array.from(image.data, (value) => Math.round(255 * value));
  const mask = Uint8Array.from(label.data, (value) => 255 * value);
  await writeFile(`data/images/${seed}.png`, encodePng({ ...size, data: grey }));
  await writeFile(`data/labels/${seed}.png`, encodePng({ ...size, data: mask }));
  const stored = { width: 64, height: 64, channels: 1, maximum: 255, data: grey } as const;
  return { name: `${seed}`, image: stored, label };
}

test("tiles are the batches of the run's sampler, and are written once", async () => {
  await inFolder(async () => {
    for (const folder of ["images", "labels"]) await mkdir(`data/${folder}`, { recursive: true });
    const samples = [await writePair(1), await writePair(2), await writePair(3)];
    const network = `--base 2 --depth 1 --tile ${side} --steps 1 --seed 4 --w0 10`.split(" ");
    const train = await runCli(["train", "data", "--validation", "3", ...network, "-o", "run"]);
    assert.is(train.code, 0, train.stderr);
    const words = ["tiles", "run", "-o", "tiles", "--steps", "2", "--batch", `${batch}`];
    assert.is((await runCli(words)).code, 0);
    const names = ["000000.safetensors", "000001.safetensors", "tiles.json"];
    assert.equal((await readdir("tiles")).sort(), names);
    const sampler = createSampler({
      ...{ samples: samples.slice(0, 2), input: side, output, seed: 4 },
      ...{ augmentation: AUGMENTATIONS.paper, classWeights: "equal", w0: 10, sigma: 5 },
    });
    for (const step of [0, 1]) {
      const { tensors } = readSafetensors(await readFile(`tiles/${names[step]}`), names[step]);
      const expected = sampler.batch(step, batch);
      const shapes = {
        image: [batch, 1, side, side],
        label: [batch, output, output],
        weight: [batch, output, output],
      };
      for (const key of ["image", "label", "weight"] as const) {
        const tensor = tensors.get(key);
        assert.ok(tensor);
        assert.equal(tensor.shape, shapes[key]);
        assert.equal(floatsOf(tensor, key), expected[key], `${key} of step ${step}`);
      }
    }
    const { training } = JSON.parse(await readFile("tiles/tiles.json", "utf8"));
    assert.equal([training.batch, training.steps, training.optimizer], [batch, 2, "adam"]);
    const before = (await stat("tiles/000000.safetensors")).mtimeMs;
    assert.is(
      (await runCli([...words.slice(0, 4), "--steps", "3", "--batch", `${batch}`])).code,
      0,
    );
    assert.is((await stat("tiles/000000.safetensors")).mtimeMs, before);
    assert.is((await readdir("tiles")).length, 4);
    const other = await runCli([...words, "--seed", "9"]);
    assert.is(other.code, 1);
    assert.match(other.stderr, /tiles\.json: the folder has tiles of other settings/);
  });
});

test.run();
