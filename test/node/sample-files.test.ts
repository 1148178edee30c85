import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dataSize } from "../../src/cli/data-size.js";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { imageSize, readSample } from "../../src/data/survey.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { batchWorkers } from "../../src/node/batch-workers.js";
import { dataMemory } from "../../src/node/data-memory.js";
import { findPairs } from "../../src/node/find-pairs.js";
import { encodePng } from "../../src/node/png-files.js";
import { loadSamples, openSamples } from "../../src/node/samples.js";
import { shared, withSharedArrays } from "../../src/node/shared-memory.js";
import { cutBatches, prepareSampleFiles } from "../../src/train/batches.js";

const test = suite<{ folder: string }>("sample files");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "micrograph-"));
  writeSet(context.folder);
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const [WIDTH, HEIGHT] = [96, 80];
/** Of one image with its label. */
const BYTES = 2 * WIDTH * HEIGHT;

function writeFile(
  folder: string,
  kind: string,
  name: string,
  data: ArrayLike<number>,
  width = WIDTH,
) {
  mkdirSync(join(folder, kind), { recursive: true });
  const height = data.length / width;
  const png = encodePng({ width, height, channels: 1, bitDepth: 8, data });
  writeFileSync(join(folder, kind, `${name}.png`), png);
}

function writeSet(folder: string): void {
  for (const seed of [1, 2, 3, 4]) {
    const { image, label } = syntheticSample({ seed, width: WIDTH, height: HEIGHT });
    writeFile(
      folder,
      "images",
      `${seed}`,
      image.data.map((value) => Math.round(255 * value)),
    );
    writeFile(
      folder,
      "labels",
      `${seed}`,
      label.data.map((value) => 255 * value),
    );
  }
}

async function open(folder: string, memory: number) {
  const { pairs } = await findPairs({ folder });
  return openSamples(pairs, { memory });
}

test("what exceeds the memory given stays in its files, and is the same when it is read", async ({
  folder,
}) => {
  const { pairs } = await findPairs({ folder });
  const { samples: whole, ...rest } = await loadSamples(pairs);
  for (const [memory, files] of [
    [0, 4],
    [2 * BYTES, 2],
    [4 * BYTES - 1, 1],
    [4 * BYTES, 0],
  ]) {
    const { samples, ...found } = await open(folder, memory);
    assert.equal(found, rest);
    assert.is(samples.filter((sample) => "read" in sample).length, files);
    for (const [i, sample] of samples.entries()) {
      const { width, height, channels } = imageSize(sample);
      assert.equal([width, height, channels], [WIDTH, HEIGHT, 1]);
      const { name, image, label } = await readSample(sample);
      assert.is(name, whole[i].name);
      assert.equal(new Uint8Array(image.data), new Uint8Array(whole[i].image.data));
      assert.equal(new Uint8Array(label.data), new Uint8Array(whole[i].label.data));
    }
  }
});

test("threads cut the same tiles from files as from memory", async ({ folder }) => {
  const request = async (memory: number) => {
    const { samples } = await open(folder, memory);
    const weights = { classWeights: "balanced", w0: 10, sigma: 5 } as const;
    return {
      prepared: await prepareSampleFiles({ samples, output: 36, ...weights }),
      read: ({ given }: { readonly given: number }) => readSample(samples[given]),
      tiles: { input: 76, output: 36, augmentation: AUGMENTATIONS.paper, seed: 3 },
      size: 3,
      first: 0,
      end: 6,
    };
  };
  const own = cutBatches(await request(Number.POSITIVE_INFINITY));
  const expected = Array.from({ length: 6 }, (_, step) => own.next(step));
  for (const memory of [0, 2 * BYTES]) {
    const onLoop = cutBatches(await request(memory));
    const threads = [1, 2].map(async (count) => batchWorkers(count)(await request(memory)));
    for (const batches of [onLoop, ...(await Promise.all(threads))]) {
      for (let step = 0; step < 6; step++) assert.equal(await batches.next(step), expected[step]);
      batches.close();
    }
  }
});

test("a file that changed its size, or is gone, is named by the step that needs it", async ({
  folder,
}) => {
  const { samples } = await open(folder, 0);
  writeFile(folder, "images", "1", new Uint8Array(50), 10);
  rmSync(join(folder, "labels", "2.png"));
  const messages = await Promise.all(
    samples.slice(0, 2).map((sample) => readSample(sample).catch((error: Error) => error.message)),
  );
  assert.match(messages[0] as string, /1\.png: it is 10x5 now, but was 96x80 when the run began/);
  assert.match(messages[1] as string, /2\.png: no such file/);
});

test("samples lie in memory that threads share", async ({ folder }) => {
  const { pairs } = await findPairs({ folder });
  const { samples } = await loadSamples(pairs);
  for (const { image, label } of samples) {
    for (const { data } of [image, label]) assert.instance(data.buffer, SharedArrayBuffer);
  }
  const [{ image }] = samples;
  assert.is(shared(image.data), image.data);
  const copy = withSharedArrays({ parts: [{ data: Float32Array.of(1, 2), width: 2 }] });
  assert.equal([...copy.parts[0].data], [1, 2]);
  assert.instance(copy.parts[0].data.buffer, SharedArrayBuffer);
});

test("the share of memory is two fifths, or the value of the variable", () => {
  assert.ok(dataMemory({}) <= 0.4 * totalmem());
  assert.is(dataMemory({ MICROGRAPH_DATA_MEMORY: "1500" }), 1.5e9);
  assert.is(dataMemory({ MICROGRAPH_DATA_MEMORY: "0" }), 0);
  assert.throws(
    () => dataMemory({ MICROGRAPH_DATA_MEMORY: "4 GB" }),
    /MICROGRAPH_DATA_MEMORY=4 GB: expected a number of megabytes/,
  );
});

test("the size of a data set and of what is read again are reported", async ({ folder }) => {
  const { samples } = await open(folder, 4 * BYTES);
  assert.is(
    dataSize(samples),
    "Data: 4 images of 96 x 80, 8 bits: 62 kB with their labels, in memory.",
  );
  assert.match(
    dataSize((await open(folder, BYTES)).samples),
    /: 62 kB with their labels, 16 kB of it stay in memory; 3 images are read again from /,
  );
  const image = { width: 50, height: 40, channels: 3, maximum: 65535, data: new Uint16Array(6000) };
  const label = { width: 50, height: 40, classes: 2, data: new Uint8Array(2000) };
  assert.is(
    dataSize([{ name: "a", image, label }]),
    "Data: 1 image of 50 x 40, 3 channels, 16 bits: 14 kB with their labels, in memory.",
  );
});

test.run();
