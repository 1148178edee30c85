import { existsSync } from "node:fs";
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const [width, height] = [12, 9];
const model = {
  architecture: "unet",
  base: 2,
  depth: 2,
  channels: 1,
  classes: 2,
  dropout: 0,
} as const;

function picture(seed: number): Uint8Array {
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i * (seed + 3) * 7) % 256);
  return encodePng({ width, height, channels: 1, bitDepth: 8, data });
}

/** Writes images 0 to count - 1, and a checkpoint. */
async function prepare(count = 5): Promise<void> {
  await mkdir("in");
  for (let i = 0; i < count; i++) await writeFile(`in/${i}.png`, picture(i));
  await writeCheckpoint(1);
}

async function writeCheckpoint(bias: number): Promise<void> {
  const content: Checkpoint = {
    tensors: new Map([["head.bias", { shape: [2], data: Float32Array.of(bias, 0) }]]),
    metadata: { model, normalisation: { kind: "image" } },
  };
  await writeFile("c.safetensors", encodeSafetensors(content));
}

/** Services that count the predicted images. */
function counting(fail: (name: string) => Error | undefined = () => undefined) {
  const fake = fakeServices();
  const names: string[] = [];
  const { createPredictor } = fake.services;
  fake.services.createPredictor = async (...given) => {
    const predictor = await createPredictor(...given);
    return {
      ...predictor,
      async predict(image, name) {
        const error = fail(name);
        if (error) throw error;
        names.push(name);
        return predictor.predict(image, name);
      },
    };
  };
  return { ...fake, names };
}

const shard = (which: string, fake = counting(), ...more: string[]) =>
  runCli(
    [
      ...["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", "out"],
      ...["--shard", which, ...more],
    ],
    fake,
  );

/** The bytes of all results by name. */
async function results(folder = "out"): Promise<Record<string, string>> {
  const files = (await readdir(folder)).filter((name) => name !== "progress").sort();
  const bytes = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, "hex")));
  return Object.fromEntries(files.map((file, i) => [file, bytes[i]]));
}

test("shards give the files of one run, each image once", async () => {
  await inFolder(async () => {
    await prepare();
    const whole = ["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", "whole"];
    assert.is((await runCli([...whole, "--measure"])).code, 0);
    const seen: string[] = [];
    for (let i = 2; i >= 0; i--) {
      const fake = counting();
      const { code, stderr } = await shard(`${i}/3`, fake, "--measure");
      assert.is(code, 0, stderr);
      seen.push(...fake.names);
    }
    assert.equal(seen.sort(), ["0", "1", "2", "3", "4"]);
    assert.equal(await results(), await results("whole"));
  });
});

test("a repeated shard predicts nothing and opens no device; what is lost or changed is done again", async () => {
  await inFolder(async () => {
    await prepare();
    await shard("0/1");
    const again = async (...more: string[]) => {
      const fake = counting();
      const { code, stderr } = await shard("0/1", fake, ...more);
      assert.is(code, 0, stderr);
      return { names: fake.names, opened: fake.log.opened };
    };
    assert.equal(await again(), { names: [], opened: 0 });
    await rm("out/1.png");
    await writeFile("out/2-probability.png", "");
    assert.equal((await again()).names, ["1", "2"]);
    await writeFile("in/3.png", picture(77));
    assert.equal((await again()).names, ["3"]);
    // The same pixels at another time: read, but not predicted, and then known by their time.
    await utimes("in/4.png", 1, 1);
    assert.equal(await again(), { names: [], opened: 1 });
    assert.equal(await again(), { names: [], opened: 0 });
    assert.equal((await again("--threshold", "0.3")).names, ["0", "1", "2", "3", "4"]);
    assert.equal((await again()).names.length, 5, "other options wrote the same files");
    await writeCheckpoint(2);
    assert.equal((await again()).names.length, 5);
  });
});

test("receipts are shared by all divisions into shards, and a torn line is done again", async () => {
  await inFolder(async () => {
    await prepare(6);
    await shard("0/3");
    const [first] = await readdir("out/progress");
    assert.is(first, "0-of-3.jsonl");
    const text = await readFile("out/progress/0-of-3.jsonl", "utf8");
    const lines = text.trimEnd().split("\n");
    // Killed while it noted the second image.
    const torn = [...lines.slice(0, -2), lines.at(-2)?.slice(0, 60)].join("\n");
    await writeFile("out/progress/0-of-3.jsonl", torn);
    await writeFile("out/.1.png.node-7-1.tmp", "half");
    const fake = counting();
    await shard("0/2", fake);
    assert.equal(fake.names, ["1", "2"]);
    assert.not(existsSync("out/.1.png.node-7-1.tmp"));
    await appendFile("out/progress/0-of-2.jsonl", "garbage\n[1]\n");
    const rest = counting();
    await shard("1/2", rest);
    assert.equal(rest.names, ["3", "4", "5"]);
  });
});

test("with fewer files than shards their pages are divided; more shards than images are idle", async () => {
  await inFolder(async () => {
    await prepare(0);
    const page = { width, height, samples: [...picture(1).subarray(0, width * height)] };
    await writeFile("in/stack.tif", tiffFile([page, page, page]));
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      const fake = counting();
      assert.is((await shard(`${i}/4`, fake)).code, 0);
      assert.ok(fake.names.length <= 1);
      seen.push(...fake.names);
    }
    assert.equal(seen, ["stack-0", "stack-1", "stack-2"]);
    assert.is((await runCli(["status", "out"])).code, 0);
  });
});

test("two files whose results would have one name are refused by whichever shard is second", async () => {
  await inFolder(async () => {
    await prepare(3);
    const page = { width, height, samples: new Array(width * height).fill(9) };
    await writeFile("in/0.tif", tiffFile([page]));
    const { code, stderr } = await shard("0/4");
    assert.is(code, 1);
    assert.match(
      stderr,
      /in\/0\.png and in\/0\.tif would both be written|in\/0\.tif and in\/0\.png/,
    );
  });
});

test("exit codes: 75 for a lost GPU and for errors that pass, 1 for a bad image, and the rest is done", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("in/1.png", picture(1).subarray(0, 40));
    const bad = counting();
    const { code } = await shard("0/1", bad);
    assert.is(code, 1);
    assert.equal(bad.names, ["0", "2", "3", "4"]);
    const lost = counting(() => new Error("the device is gone"));
    lost.services.lossOf = async () => "reset by the driver";
    await writeCheckpoint(2);
    const gone = await shard("0/1", lost);
    assert.is(gone.code, 75);
    assert.match(gone.stderr, /the GPU was lost: reset by the driver/);
    const stale = counting(() => Object.assign(new Error("stale"), { code: "ESTALE" }));
    assert.is((await shard("0/1", stale)).code, 75);
    const wrong = await shard("0/1", counting(), "--checkpoint", "none");
    assert.is(wrong.code, 1);
    assert.is((await shard("x")).code, 1);
  });
});

test("status tells what is done, what failed and why, and how long it takes", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("in/4.png", picture(1).subarray(0, 40));
    const status = async () => {
      const { code, stdout } = await runCli(["status", "out", "--json"]);
      const [task] = JSON.parse(stdout);
      return { code, ...task };
    };
    await shard("0/3");
    let now = await status();
    const states = () => now.shards.map((one: { state: string }) => one.state);
    assert.equal([now.code, states()], [75, ["done", "waiting", "waiting"]]);
    assert.equal([now.done, now.unit], [1, "image"]);
    assert.type(now.workMs, "number");
    const lost = counting(() => new Error("gone"));
    lost.services.lossOf = async () => "reset";
    await shard("1/3", lost);
    now = await status();
    assert.equal(states(), ["done", "stopped", "waiting"]);
    assert.match(now.shards[1].error, /the GPU was lost: reset/);
    await shard("1/3");
    await shard("2/3");
    now = await status();
    assert.equal([now.code, now.done, now.units], [1, 4, 5]);
    assert.equal(
      now.failed.map((one: { unit: string }) => one.unit),
      ["4"],
    );
    assert.match(now.failed[0].error, /in\/4\.png/);
    const { stdout } = await runCli(["status", "out"]);
    assert.match(stdout, /^out: 3 shards: 3 done; 4 of 5 images done\n {2}4 failed: in\/4\.png/);
    await writeFile("in/4.png", picture(4));
    await shard("2/3");
    assert.is((await status()).code, 0);
    const none = await runCli(["status", "in"]);
    assert.is(none.code, 1);
    assert.match(none.stderr, /in: no shard has run here; name the output folder/);
  });
});

test("merge joins the tables in natural order, and refuses while shards are missing", async () => {
  await inFolder(async () => {
    await prepare(11);
    // Two cells, of another file with a pixel size and more channels: the tables have other columns.
    const whole = ["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", "whole"];
    await runCli([...whole, "--measure", "--smallest", "1"]);
    await shard("1/2", counting(), "--measure", "--smallest", "1");
    const early = await runCli(["merge", "out"]);
    assert.is(early.code, 75);
    assert.match(early.stderr, /2 shards: 1 done, 1 not started.*join them when all are done/);
    await shard("0/2", counting(), "--measure", "--smallest", "1");
    const { code, stdout, stderr } = await runCli(["merge", "out", "--json"]);
    assert.is(code, 0, stderr);
    const [{ images, objects }] = JSON.parse(stdout);
    const rows = (await readFile("out/objects.csv", "utf8")).trimEnd().split("\n");
    assert.equal([images, objects], [11, rows.length - 1]);
    const expected: string[] = [];
    for (let i = 0; i < 11; i++) {
      const table = await readFile(`whole/${i}-objects.csv`, "utf8");
      const [head, ...cells] = table.trimEnd().split("\n");
      if (i === 0) expected.push(head);
      expected.push(...cells);
    }
    assert.ok(expected.length > 11);
    assert.equal(rows, expected);
    const before = await stat("out/objects.csv");
    await runCli(["merge", "out"]);
    assert.is((await stat("out/objects.csv")).size, before.size);
  });
});

test("without tables merge says which option is missing", async () => {
  await inFolder(async () => {
    await prepare(1);
    await shard("0/1");
    const { code, stderr } = await runCli(["merge", "out"]);
    assert.is(code, 1);
    assert.match(stderr, /0: it has no table of cells; run the shards with --measure/);
  });
});

test.run();
