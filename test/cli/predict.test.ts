import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Services } from "../../src/cli/services.js";
import { decodePng, encodePng } from "../../src/node/png-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const [width, height] = [7, 5];
const grey = Uint8Array.from({ length: width * height }, (_, i) => 7 * i);
const picture = encodePng({ width, height, channels: 1, bitDepth: 8, data: grey });

function checkpoint(classes = 2, channels = 1): Uint8Array {
  const content: Checkpoint = {
    tensors: new Map([["head.bias", { shape: [classes], data: new Float32Array(classes) }]]),
    metadata: {
      model: { architecture: "unet", base: 2, depth: 2, channels, classes, dropout: 0 },
      normalisation: { kind: "image" },
    },
  };
  return encodeSafetensors(content);
}

const predict = (...more: string[]) =>
  runCli(["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", "out", ...more]);

async function prepare(classes?: number, channels?: number): Promise<void> {
  await mkdir("in");
  await writeFile("in/a.png", picture);
  await writeFile("c.safetensors", checkpoint(classes, channels));
}

test("a mask and a 16-bit probability are written, as large as the input", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("in/notes.txt", "");
    // Neither a hidden file nor a folder is an image to predict.
    await writeFile("in/.DS_Store", "");
    await mkdir("in/more");
    const { code, stdout, stderr, log } = await predict();
    assert.is(code, 0, stderr);
    assert.match(stdout, /in: 1 file skipped \(notes\.txt\): it is not an image/);
    assert.equal((await readdir("out")).sort(), ["a-probability.png", "a.png", "classes.json"]);
    const mask = decodePng(await readFile("out/a.png"), "mask");
    assert.equal([mask.width, mask.height, mask.maximum], [width, height, 255]);
    assert.equal(
      [...mask.data],
      [...grey].map((value) => (value > 127 ? 255 : 0)),
    );
    const probability = decodePng(await readFile("out/a-probability.png"), "probability");
    assert.equal([probability.width, probability.height, probability.maximum], [7, 5, 65535]);
    assert.equal(
      [...probability.data],
      [...grey].map((value) => 257 * value),
    );
    assert.equal([log.opened, log.closed], [1, 1]);
  });
});

test("each page of a stack is predicted under its number", async () => {
  await inFolder(async () => {
    await prepare();
    const page = { width, height, samples: [...grey] };
    const inverted = { ...page, samples: page.samples.map((value) => 255 - value) };
    await writeFile("in/stack.tif", tiffFile([page, inverted]));
    const { stdout, stderr } = await predict("--json");
    const { images } = JSON.parse(stdout);
    assert.equal(
      images.map((image: { input: string; page?: number; mask: string }) => [
        image.input,
        image.page,
        image.mask,
      ]),
      [
        ["in/a.png", undefined, "out/a.png"],
        ["in/stack.tif", 0, "out/stack-0.png"],
        ["in/stack.tif", 1, "out/stack-1.png"],
      ],
      stderr,
    );
    const { data } = decodePng(await readFile("out/stack-1-probability.png"), "probability");
    assert.is(data[0], 65535);
  });
});

test("more classes give class indices and a probability each", async () => {
  await inFolder(async () => {
    await prepare(3);
    const { stdout } = await predict("--json");
    const [image] = JSON.parse(stdout).images;
    assert.is(image.mask, "out/a.png");
    assert.is(image.probability.length, 3);
    const planes = ["a-probability-0.png", "a-probability-1.png", "a-probability-2.png"];
    const expected = ["a-colours.png", ...planes, "a.png", "classes.json"];
    assert.equal((await readdir("out")).sort(), expected);
    const plane = decodePng(await readFile("out/a-probability-2.png"), "probability");
    assert.is(plane.data[0], 21845);
  });
});

test("components, outlines and an overlay are written if requested", async () => {
  await inFolder(async () => {
    await prepare();
    // Two bright objects on black.
    const data = Uint8Array.from({ length: 35 }, (_, i) =>
      [0, 1, 7, 8, 20].includes(i) ? 200 : 9,
    );
    await writeFile("in/a.png", encodePng({ width, height, channels: 1, bitDepth: 8, data }));
    const { code, stdout, stderr } = await predict(
      ...["--components", "--outlines", "--overlay", "--symmetries", "7", "--json"],
    );
    assert.is(code, 0, stderr);
    const [image] = JSON.parse(stdout).images;
    assert.equal([image.objects, image.components], [2, "out/a-components.png"]);
    const components = decodePng(await readFile("out/a-components.png"), "components");
    assert.is(components.maximum, 65535);
    const numbers = [0, 1, 7, 8, 20, 30].map((pixel) => components.data[pixel]);
    assert.equal(numbers, [1, 1, 1, 1, 2, 0]);
    const edges = decodePng(await readFile("out/a-outlines.png"), "outlines");
    assert.equal(
      [0, 1, 7, 8, 20, 30].map((pixel) => edges.data[pixel]),
      [0, 255, 255, 255, 255, 0],
    );
    const overlay = decodePng(await readFile("out/a-overlay.png"), "overlay");
    assert.is(overlay.channels, 3);
    const at = (pixel: number) => [0, 1, 2].map((c) => overlay.data[c * 35 + pixel]);
    assert.equal(at(20), [255, 176, 0]);
    assert.equal(at(30), [0, 0, 0]);
  });
});

test("a threshold decides between two classes, and needs two", async () => {
  await inFolder(async () => {
    await prepare();
    await predict("--threshold", "0.2");
    const mask = decodePng(await readFile("out/a.png"), "mask");
    assert.equal(
      [...mask.data],
      [...grey].map((value) => (value / 255 > 0.2 ? 255 : 0)),
    );
    await writeFile("c.safetensors", checkpoint(3));
    const { code, stderr } = await predict("--threshold", "0.2");
    assert.is(code, 1);
    assert.match(
      stderr,
      "--threshold 0.2: needs a network of two classes, and that of c.safetensors has 3",
    );
    for (const [option, value, expected] of [
      ["--threshold", "1", "a number from 0 and below 1"],
      ["--symmetries", "9", "a whole number from 1 to 8"],
    ]) {
      const wrong = await predict(option, value);
      assert.is(wrong.code, 1);
      assert.match(wrong.stderr, `${option}: got ${value}, expected ${expected}`);
    }
  });
});

test("an input is never overwritten", async () => {
  await inFolder(async () => {
    await prepare();
    const { code, stderr, log } = await predict("-o", "in/../in");
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: --output .*: a\.png would overwrite an input;.*\n$/);
    assert.equal(new Uint8Array(await readFile("in/a.png")), new Uint8Array(picture));
    assert.is(log.opened, 0);
  });
});

test("what cannot be predicted is explained in one line, exit code 1", async () => {
  await inFolder(async () => {
    await prepare(2, 2);
    const says = async (expected: RegExp, ...more: string[]) => {
      const { code, stderr } = await predict(...more);
      assert.is(code, 1);
      assert.match(stderr, /^micrograph: [^\n]+\n$/);
      assert.match(stderr, expected);
    };
    await says(/in\/a\.png: it has 1 channel \(grey\), but .* 2 channels.*--pages channels/);
    await says(/none: no such file or folder/, "--input", "none");
    await says(/none: the checkpoint cannot be read/, "--checkpoint", "none");
    await says(/--tile: .* 29 .* nearest valid size is 44/, "--tile", "29");
    await writeFile("c.safetensors", checkpoint().subarray(0, -4));
    await says(/c\.safetensors: truncated: its tensors take 8 bytes, but 4 follow the header/);
    await writeFile("c.safetensors", picture);
    await says(/c\.safetensors: not a checkpoint/);
    await writeFile("c.safetensors", checkpoint());
    await writeFile("in/a.png", picture.subarray(0, 60));
    await says(/in\/a\.png/);
  });
});

test("a bad file is reported, the others are predicted, and the exit code is 1", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("in/b.png", picture.subarray(0, 60));
    await writeFile("in/c.tif", "II*\0no directory");
    await writeFile("in/d.png", picture);
    const { code, stdout, stderr } = await predict("--json");
    assert.is(code, 1);
    const { images, failed } = JSON.parse(stdout);
    const inputs = (list: { input: string }[]) => list.map(({ input }) => input);
    assert.equal(inputs(images), ["in/a.png", "in/d.png"]);
    assert.equal(inputs(failed).sort(), ["in/b.png", "in/c.tif"]);
    for (const { input, error } of failed) {
      assert.ok(error.startsWith(input), error);
      assert.ok(stderr.includes(`${error}\n`));
    }
    assert.match(stderr, /micrograph: 2 of 4 images failed \(.*\): see above for each\n$/);
    const written = ["a-probability.png", "a.png", "classes.json", "d-probability.png", "d.png"];
    assert.equal((await readdir("out")).sort(), written);
  });
});

test("classes.json with the meaning of the masks exists before the first mask", async () => {
  await inFolder(async () => {
    await prepare();
    await mkdir("out/a.png", { recursive: true }); // where no mask can be written
    const { code, stderr } = await predict("--threshold", "0.3");
    assert.is(code, 1, stderr);
    assert.match(stderr, "out/a.png: cannot be written");
    assert.equal((await readdir("out")).sort(), ["a.png", "classes.json"]);
    const list = JSON.parse(await readFile("out/classes.json", "utf8"));
    assert.equal(list, { classes: 2, threshold: 0.3 });
  });
});

test("a prediction that is refused leaves nothing, and what was there as it was", async () => {
  await inFolder(async () => {
    await prepare();
    const refusals: Partial<Services>[] = [
      { openDevice: () => Promise.reject(new Error("refused: no GPU")) },
      { createPredictor: () => Promise.reject(new Error("refused: tile 60 needs more memory")) },
      {
        createPredictor: async () => ({
          predict: () => Promise.reject(new Error("refused: the network reads an input more")),
          close() {},
        }),
      },
    ];
    const run = (services: Partial<Services>, output: string) => {
      const fake = fakeServices();
      Object.assign(fake.services, services);
      const args = ["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", output];
      return runCli(args, fake);
    };
    await mkdir("old");
    await writeFile("old/classes.json", "{}");
    for (const services of refusals) {
      const { code, stderr } = await run(services, "new/out");
      assert.equal([code, existsSync("new")], [1, false]);
      assert.match(stderr, "refused: ");
      await run(services, "old");
      assert.equal(await readdir("old"), ["classes.json"]);
      assert.is(await readFile("old/classes.json", "utf8"), "{}");
    }
  });
});

test("grey and RGB images are converted for the network, with a message", async () => {
  await inFolder(async () => {
    await prepare();
    const count = width * height;
    const data = Uint8Array.from(
      { length: 3 * count },
      (_, i) => [30, 60, 90][Math.floor(i / count)],
    );
    await writeFile("in/b.png", encodePng({ width, height, channels: 3, bitDepth: 8, data }));
    const { code, stdout } = await predict();
    assert.is(code, 0);
    assert.match(
      stdout,
      /The network takes grey images\. 1 of 2 images is RGB \(b\.png\).*Rec\. 601/,
    );
    const grey = decodePng(await readFile("out/b-probability.png"), "b");
    // 0.299 x 30 + 0.587 x 60 + 0.114 x 90 is 54.45.
    assert.is(grey.data[0], 54 * 257);
    await writeFile("c.safetensors", checkpoint(2, 3));
    const rgb = await predict();
    assert.match(rgb.stdout, /takes RGB images\. 1 of 2 images is grey \(a\.png\): read as RGB/);
  });
});

test("two inputs that would be one output are refused before anything is made", async () => {
  for (const [a, b] of [
    ["cell.png", "cell.tif"],
    ["Cell.png", "cell.png"],
    ["z\u00e4.png", "za\u0308.png"],
  ]) {
    await inFolder(async () => {
      await prepare();
      await writeFile(`in/${a}`, picture);
      const { size } = await stat(`in/${a}`);
      const isTiff = b.endsWith(".tif");
      const tiff = tiffFile([{ width, height, samples: [...grey] }]);
      await writeFile(`in/${b}`, isTiff ? tiff : picture);
      // On a file system that treats both names as equal there is nothing to refuse.
      if ((await readdir("in")).length < 3) return;
      const { code, stderr, log } = await predict();
      assert.is(code, 1);
      assert.match(
        stderr,
        /^micrograph: \S+ and \S+ would both be written as out\/\S+: rename one/,
      );
      assert.ok(stderr.includes(`in/${a}`) && stderr.includes(`in/${b}`), stderr);
      assert.equal([existsSync("out"), log.opened], [false, 0]);
      assert.is((await stat(`in/${a}`)).size, size);
    });
  }
});

test("labels that lie next to their images are passed over", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("in/a_masks.png", picture);
    await writeFile("in/a_seg.npy", "");
    const { stdout } = await predict("--json");
    assert.is(JSON.parse(stdout).images.length, 1);
    assert.is(JSON.parse(stdout).skipped, 2);
  });
});

test("an engine that fails with one image continues, and stops if it fails with the next", async () => {
  await inFolder(async () => {
    await prepare();
    for (const name of ["b", "c", "d"]) await writeFile(`in/${name}.png`, picture);
    const run = (fails: readonly string[]) => {
      const fake = fakeServices();
      const { createPredictor } = fake.services;
      fake.services.createPredictor = async (...given) => {
        const predictor = await createPredictor(...given);
        const predict: typeof predictor.predict = async (image, name) => {
          if (fails.includes(name)) throw new Error(`${name}: out of memory`);
          return predictor.predict(image, name);
        };
        return { ...predictor, predict };
      };
      return runCli(
        ["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", "out", "--json"],
        fake,
      );
    };
    const one = await run(["b"]);
    assert.equal([one.code, JSON.parse(one.stdout).images.length], [1, 3]);
    const all = await run(["b", "c", "d"]);
    assert.is(all.code, 1);
    assert.match(all.stderr, /micrograph: c: out of memory\n$/);
  });
});

test.run();
