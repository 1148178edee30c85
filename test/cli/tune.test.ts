import { readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

test("tune prints a table with the winners, the dropped kernels, and where it is stored", async () => {
  const { code, stdout, log } = await runCli(["tune", "--base", "8"]);
  assert.is(code, 0);
  assert.match(stdout, /\nlayer +inputs +texture ms +buffer ms +winograd ms +fastest\n/);
  const row = "encoder1.conv2 (x 2)  [1,16,30,30] [16,16,3,3]       2.000      1.000      dropped";
  assert.ok(stdout.includes(`${row}  buffer (not the default)\n`), stdout);
  assert.match(stdout, "encoder1.conv2: winograd was dropped: its answer is off by 1");
  assert.match(stdout, "1 layers in 1.5 s, 1 of them with a kernel other than the default; ");
  assert.match(stdout, "Saved for fake: kernels.json");
  assert.equal([log.opened, log.closed], [1, 1]);
});

test("tune --json prints one JSON value, and a cache that cannot be written is a remark", async () => {
  const fake = fakeServices();
  fake.services.keepChoices = () => Promise.reject(new Error("/cache: no permission"));
  const { code, stdout, stderr } = await runCli(["tune", "--json"], fake);
  assert.is(code, 0);
  const { adapter, file, layers } = JSON.parse(stdout);
  assert.equal([adapter, file, layers[0].winner], ["fake", null, "buffer"]);
  assert.match(stderr, "The chosen kernels could not be saved: /cache: no permission");
});

test("tune refuses sizes that make no sense before the GPU is opened", async () => {
  for (const [args, message] of [
    [["--tile", "100"], "--tile: a tile of 100"],
    [["--predict-tile", "5"], "--predict-tile: a tile of 5"],
    [["--budget", "0"], "--budget: got 0"],
  ] as const) {
    const { code, stderr, log } = await runCli(["tune", ...args]);
    assert.is(code, 1);
    assert.ok(stderr.startsWith(`micrograph: ${message}`), stderr);
    assert.is(log.opened, 0);
  }
});

const small = ["--steps", "2", "--validate-every", "2", "-o", "out"];
const config = async () => JSON.parse(await readFile("out/config.json", "utf8"));

test("train --tune tunes first, and a resumed run keeps its kernels", async () => {
  await inFolder(async () => {
    const fake = fakeServices();
    const { code, stdout, stderr } = await runCli(["train", "--tune", ...small], fake);
    assert.is(code, 0, stderr);
    assert.match(stdout, "1 layers in 1.5 s");
    assert.equal((await config()).kernels, { "conv2d 1": "buffer" });
    // What has been tuned for the adapter meanwhile does not change the run.
    const used: unknown[] = [];
    const train = fake.services.train;
    fake.services.train = async (device, ...rest) => {
      used.push([...device.choices]);
      return train(device, ...rest);
    };
    const written = await config();
    await writeFile("out/config.json", JSON.stringify({ ...written, kernels: { other: "a" } }));
    assert.is((await runCli(["train", "--resume", "out", "--steps", "3"], fake)).code, 0);
    await writeFile("out/config.json", JSON.stringify({ ...written, kernels: undefined }));
    assert.is((await runCli(["train", "--resume", "out", "--steps", "4"], fake)).code, 0);
    assert.equal(used, [[["other", "a"]], []]);
    const both = await runCli(["train", "--resume", "out", "--steps", "5", "--tune"], fake);
    assert.is(both.code, 1);
    assert.match(both.stderr, "--tune: a resumed run keeps its kernels");
  });
});

test("a run without tuning uses and records what is known of the adapter", async () => {
  await inFolder(async () => {
    const fake = fakeServices();
    await runCli(["tune"], fake);
    assert.is((await runCli(["train", ...small], fake)).code, 0);
    assert.equal((await config()).kernels, { "conv2d 1": "buffer" });
  });
});

test.run();
