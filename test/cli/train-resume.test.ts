import { readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { sampledTest } from "../sample.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";
import { fails, small, writePairs } from "./train-runs.js";

const RUN_LOGS = ["config.json", "metrics.csv", "events.jsonl"];

test("a resumed run splits and reads its data as before, whatever the names and the labels", async () => {
  await inFolder(async () => {
    await writePairs(["a,b", "c*", "cd"]);
    const png = (data: Uint8Array) =>
      encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
    // 0 and 1, and an unlabelled stripe.
    const label = Uint8Array.from({ length: 1024 }, (_, i) => (i < 100 ? 255 : i % 2));
    for (const name of ["a,b", "c*", "cd"]) await writeFile(`em/labels/${name}.png`, png(label));
    await fails(["train", "em", ...small], 1, /255 \(100 pixels\).*--ignore 255/);
    const size = ["--tile", "28", "--depth", "1"];
    const args = ["train", "em", "-o", "out", "--validation", "a?b", "--ignore", "255"];
    const first = await runCli([...args, ...small, ...size]);
    assert.is(first.code, 0, first.stderr);
    const config = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal([config.validation, config.ignore], [["a,b"], 255]);
    const more = await runCli(["train", "--resume", "out", "--steps", "6"]);
    assert.is(more.code, 0, more.stderr);
    const again = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal([again.validation, again.ignore], [["a,b"], 255]);
    await fails(["train", "--resume", "out", "--ignore", "3"], 1, /leave out --ignore/);
  });
});

test("a run that is older than a setting continues with its default, or with the given value", async () => {
  await inFolder(async () => {
    await runCli(["train", "-o", "out", ...small]);
    const written = async () => JSON.parse(await readFile("out/config.json", "utf8"));
    const { config, ...rest } = await written();
    assert.equal([config.schedule, config.warmup], ["constant", 0]);
    const { schedule: _schedule, warmup: _warmup, ...older } = config;
    await writeFile("out/config.json", JSON.stringify({ ...rest, config: older }));
    const args = ["train", "--resume", "out", "--steps", "6", "--schedule", "cosine"];
    assert.is((await runCli(args)).code, 0);
    const { config: now } = await written();
    assert.equal([now.schedule, now.warmup], ["cosine", 0]);
  });
});

sampledTest(
  "--precision is f32 or f16, is kept when a run is resumed, and cannot change then",
  async () => {
    await inFolder(async () => {
      const precision = async () =>
        JSON.parse(await readFile("out/config.json", "utf8")).config.precision;
      await runCli(["train", "-o", "out", ...small, "--precision", "f16"]);
      assert.is(await precision(), "f16");
      const more = ["train", "--resume", "out", "--steps", "6"];
      await fails(
        [...more, "--precision", "f32"],
        1,
        /--precision: the resumed run has f16, got f32/,
      );
      assert.is((await runCli(more)).code, 0);
      assert.is(await precision(), "f16");
      await fails(["train", "--precision", "f8"], 2, /Allowed choices are f32, f16/);
    });
  },
);

sampledTest("--recompute is kept when a run is resumed, and may be turned on then", async () => {
  await inFolder(async () => {
    const recomputes = async () =>
      JSON.parse(await readFile("out/config.json", "utf8")).config.recompute;
    await runCli(["train", "-o", "out", ...small]);
    assert.is(await recomputes(), false);
    await runCli(["train", "--resume", "out", "--steps", "6", "--recompute"]);
    assert.is(await recomputes(), true);
    await runCli(["train", "--resume", "out", "--steps", "8"]);
    assert.is(await recomputes(), true);
  });
});

test("a first Ctrl-C saves and says how to resume, and the run can be resumed", async () => {
  await inFolder(async () => {
    const fake = fakeServices((step) => {
      if (step === 3) process.emit("SIGINT");
    });
    const { code, stdout } = await runCli(["train", "-o", "out", ...small], fake);
    assert.is(code, 130);
    assert.match(stdout, /npx micrograph train --resume out/);
    assert.is(process.listenerCount("SIGINT"), 0);
    const last = decodeSafetensors(await readFile("out/last.safetensors"), "last");
    assert.is(last.metadata.progress?.step, 3);

    const resumed = await runCli(["train", "--resume", "out"]);
    assert.is(resumed.code, 0, resumed.stderr);
    assert.is(resumed.log.resumedAt, 3);
    const csv = await readFile("out/metrics.csv", "utf8");
    const steps = csv
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    assert.equal(steps, ["1", "2", "3", "4"]);

    const done = await runCli(["train", "--resume", "out"]);
    assert.is(done.code, 1);
    assert.match(done.stderr, /has done all 4 of 4 steps; to continue, give a larger --steps/);
    const changed = await runCli(["train", "--resume", "out", "--steps", "6", "--base", "4"]);
    assert.match(changed.stderr, /--base: the resumed run has 8, got 4/);
    assert.is((await runCli(["train", "--resume", "out", "--steps", "6"])).code, 0);
  });
});

test("a checkpoint that is not the run's is refused by name, and the run's files stay", async () => {
  await inFolder(async () => {
    const { code } = await runCli(["train", "-o", "other", ...small, "--base", "4"]);
    assert.is(code, 0);
    await runCli(["train", "-o", "out", ...small]);
    const before = await Promise.all(RUN_LOGS.map((file) => readFile(`out/${file}`, "utf8")));
    const more = ["train", "--resume", "out", "--steps", "8"];
    await writeFile("out/last.safetensors", await readFile("other/last.safetensors"));
    await fails(more, 1, /out\/last\.safetensors: .* its base is 4, but the run has 8/);
    const { tensors, metadata } = decodeSafetensors(await readFile("out/best.safetensors"), "best");
    const weights = new Map([...tensors].filter(([name]) => !name.startsWith("optimizer.")));
    await writeFile("out/last.safetensors", encodeSafetensors({ tensors: weights, metadata }));
    await fails(more, 1, /out\/last\.safetensors: .* no state of the optimizer/);
    const after = await Promise.all(RUN_LOGS.map((file) => readFile(`out/${file}`, "utf8")));
    assert.equal(after, before);
  });
});

test("a run that failed before its first checkpoint leaves its folder free", async () => {
  await inFolder(async () => {
    const failing = fakeServices(() => {
      throw new Error("the device is lost");
    });
    assert.is((await runCli(["train", "-o", "out", ...small], failing)).code, 1);
    assert.is((await runCli(["train", "-o", "out", ...small])).code, 0);
    const csv = await readFile("out/metrics.csv", "utf8");
    assert.is(csv.trim().split("\n").length, 5);
  });
});

test.run();
