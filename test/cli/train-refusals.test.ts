import { readdir, rename, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { temporaryPath } from "../../src/node/run-files.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";
import { fails, small, writePairs } from "./train-runs.js";

test("values that make no sense are refused in one line, exit code 1", async () => {
  await inFolder(async () => {
    await fails(["train", "--learning-rate", "NaN"], 1, /--learning-rate: got NaN, expected/);
    await fails(["train", "--steps", "-5"], 1, /--steps: got -5, expected a whole number from 1/);
    await fails(["train", "--steps", "1.5"], 1, /--steps: got 1.5/);
    await fails(
      ["train", "--accumulate", "0"],
      1,
      /--accumulate: got 0, expected a whole number from 1/,
    );
    await fails(["train", "--accumulate", "2.5"], 1, /--accumulate: got 2.5/);
    await fails(["train", "--momentum", "1"], 1, /--momentum: got 1, expected/);
    await fails(["train", "--warmup", "0.5"], 1, /--warmup: got 0.5, expected a whole number/);
    await fails(["train", "--schedule", "cosine-time"], 1, /follows the time.* give --max-minutes/);
    await fails(
      ["train", "--classes", "4"],
      1,
      /got 4, but the embedded sample has 2 classes, or 3/,
    );
    const classes = ["train", "--classes", "3", "--best", "v-info"];
    await fails(classes, 1, /--best v-info: needs two classes, got --classes 3/);
    await fails(["train", "--max-minutes", "0"], 1, /--max-minutes: got 0/);
    await fails(["train", "--tile", "285", "--depth", "4"], 1, /--tile: .* nearest .* 284 and 300/);
    assert.equal(await readdir("."), []);
  });
});

test("wrong usage is met with the nearest option or command, exit code 2", async () => {
  await fails(
    ["train", "--stpes", "5"],
    2,
    /unknown option '--stpes' \(Did you mean --steps\?\) \(help: npx micrograph train --help\)/,
  );
  await fails(
    ["trian"],
    2,
    /unknown command 'trian' \(Did you mean train\?\) \(help: npx micrograph --help\)/,
  );
  await fails(["train", "--steps", "many"], 2, /'many' is invalid. not a number/);
  await fails(["train", "--accumulate", "some"], 2, /'some' is invalid. not a number/);
  await fails(["train", "--optimizer", "sdg"], 2, /Allowed choices are sgd, adam/);
  await fails(["train", "a", "b"], 2, /too many arguments/);
  await fails(["predict", "--input", "a"], 2, /required option '--checkpoint <FILE>'/);
});

test("bad data is refused in one line, exit code 1", async () => {
  await inFolder(async () => {
    await fails(["train", "nowhere"], 1, /nowhere: no such folder/);
    await fails(["train", "--images", "nowhere", "--labels", "b"], 1, /nowhere/);
    await writePairs(["0", "1", "2"]);
    await writeFile("em/images/2.png", "this is text");
    await fails(["train", "em"], 1, /2\.png/);
    await writePairs(["0", "1", "2"]);
    await rename("em/images", "em/moved");
    await fails(["train", "em"], 1, /em: no images found in it \(it holds labels\/, moved\/\)/);
    await fails(["train", "--images", "em/moved", "--labels", "none"], 1, /none: no such folder/);
    await fails(["train", "--resume", "em"], 1, /config\.json.*no such file/);
  });
});

test("an output folder that cannot be made is refused before training", async () => {
  await inFolder(async () => {
    await writeFile("file", "");
    const { code, stderr } = await runCli(["train", "-o", "file/run", ...small]);
    assert.is(code, 1);
    assert.match(
      stderr,
      /^micrograph: file\/run\S*: the folder cannot be created: .*not a folder\n$/,
    );
  });
});

test("a full disk ends the run with one line", async () => {
  if (process.platform !== "linux") return;
  await inFolder(async (folder) => {
    const { symlink } = await import("node:fs/promises");
    const fake = fakeServices();
    const { train } = fake.services;
    const services = {
      ...fake.services,
      async train(...[device, data, model, training, options]: Parameters<typeof train>) {
        const onEvent: typeof options.onEvent = async (event) => {
          await options.onEvent?.(event);
          if (event.type !== "start") return;
          await symlink("/dev/full", temporaryPath(`${folder}/out/best.safetensors`));
        };
        return train(device, data, model, training, { ...options, onEvent });
      },
    };
    const { code, stderr } = await runCli(["train", "-o", "out", ...small], { ...fake, services });
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: out\/best\.safetensors: .*no space left on the device\n$/);
  });
});

test.run();
