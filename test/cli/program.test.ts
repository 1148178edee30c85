import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { duration, invocationOf, shellQuote } from "../../src/cli/format.js";
import { quoteFor } from "../../src/options/command-line.js";
import { fakeServices } from "./fakes.js";
import { runCli } from "./run.js";

const script = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const spawn = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });

test("the program prints help with examples and exits 0", () => {
  const { status, stdout } = spawn("--help");
  assert.is(status, 0);
  assert.match(
    stdout,
    /train .*\n\s+predict .*\n\s+evaluate .*\n\s+measure .*\n\s+compare .*\n\s+info /,
  );
  assert.match(stdout, /Examples:\n/);
  const train = spawn("train", "--help").stdout;
  for (const group of ["Data:", "Network:", "Training:", "Run:"]) assert.match(train, group);
  assert.match(train, /--base <N> .*default: \d+; sample: \d+/);
  for (const line of train.split("\n")) assert.ok(line.length <= 120, line);
});

test("the help of predict has each default once", () => {
  const help = spawn("predict", "--help").stdout.replace(/\s+/g, " ");
  assert.match(help, "(default: 25)");
  assert.not.match(help, /(\(default: [^)]*\)) \1/);
});

test("the program exits 2 for a misspelt option, in one line with the nearest", () => {
  const { status, stdout, stderr } = spawn("train", "--learning-rat", "1");
  assert.is(status, 2);
  assert.is(stdout, "");
  assert.match(
    stderr,
    /^micrograph: unknown option '--learning-rat' \(Did you mean --learning-rate\?\)[^\n]*\n$/,
  );
});

test("the program exits 1 for a missing folder, in one line", () => {
  const { status, stderr } = spawn("train", "nowhere");
  assert.is(status, 1);
  assert.match(stderr, /^micrograph: nowhere: [^\n]+\n$/);
});

test("the program without a command prints its help and exits 2", () => {
  const { status, stderr } = spawn();
  assert.is(status, 2);
  assert.match(stderr, /^Usage: micrograph/);
});

test("info shows the adapter, and exits 1 with what was tried when there is none", async () => {
  const { code, stdout } = await runCli(["info"]);
  assert.is(code, 0);
  assert.match(stdout, /adapter +fake\n/);
  assert.match(stdout, /maxBufferSize +256 MiB/);
  const shown = await runCli(["info", "--json"]);
  assert.is(JSON.parse(shown.stdout).versions.node, process.versions.node);

  const fake = fakeServices();
  fake.services.openDevice = async () => {
    throw new Error("no WebGPU adapter.\nTried: Vulkan: none");
  };
  const none = await runCli(["info", "--json"], fake);
  assert.is(none.code, 1);
  assert.is(none.stderr, "micrograph: no WebGPU adapter. Tried: Vulkan: none\n");
  assert.is(JSON.parse(none.stdout).adapter, null);
});

test("info --plan shows bytes by kind, and what does not fit with what does", async () => {
  const { code, stdout } = await runCli(["info", "--plan", "--tile", "300"]);
  assert.is(code, 0);
  assert.match(
    stdout,
    /base 16, depth 4, 1,940,834 parameters, 2 classes, trained by adam on 1 x 300 x 300 pixels/,
  );
  assert.match(stdout, /\nparameters +1 MiB +1 MiB\n/);
  assert.match(stdout, /\ntotal +4 MiB +2 MiB\n/);
  assert.match(
    stdout,
    /\nTraining in tiles of 300 does not fit: tensor encoder1.conv1 needs more: use tile 44\n$/,
  );
  const vgg = await runCli(["info", "--plan", "--model", "fcn8s-vgg16", "--channels", "3"]);
  assert.match(vgg.stdout, /FCN-8s on VGG-16 of base 64, 134,271,\d+ parameters, 2 classes/);
  assert.match(vgg.stdout, /on 1 x 282 x 282 pixels/);
  const paper = await runCli(["info", "--plan", "--preset", "paper", "--batch", "2"]);
  assert.match(paper.stdout, /base 64, .* trained by sgd on 2 x 572 x 572 pixels/);
  const batches = await runCli(["info", "--plan", "--batch", "2", "--accumulate", "8"]);
  assert.match(batches.stdout, /trained by adam on 8 batches of 2 x 284 x 284 pixels/);
  const shown = await runCli(["info", "--plan", "--json", "--classes", "3"]);
  const json = JSON.parse(shown.stdout);
  assert.equal([json.training.fits, json.prediction.fits, json.model.classes], [false, true, 3]);
  assert.equal([json.training.tile, json.prediction.tile], [284, 700]);
  assert.equal(json.training.proposals, [{ changes: { tile: 44 }, bytes: 2 ** 20 }]);

  for (const [args, message] of [
    [["--base", "8"], "--base: only applies with --plan; add --plan"],
    [["--clip-norm", "1"], "--clip-norm: only applies with --plan; add --plan"],
    [["--plan", "--channels", "0"], "--channels: got 0, expected a whole number from 1"],
    [["--plan", "--accumulate", "0"], "--accumulate: got 0, expected a whole number from 1"],
    [["--plan", "--base", "0"], "--base: got 0, expected a whole number from 1"],
    [["--plan", "--tile", "285"], "--tile: a tile of 285 pixels does not fit"],
  ] as const) {
    const refused = await runCli(["info", ...args]);
    assert.is(refused.code, 1);
    assert.ok(refused.stderr.startsWith(`micrograph: ${message}`), refused.stderr);
    assert.is(refused.log.opened, 0);
  }
});

test("a command to paste fits how the program was called", () => {
  assert.is(invocationOf("/a/dist/src/cli.js", "/a"), "node dist/src/cli.js");
  assert.is(invocationOf("/a/node_modules/.bin/micrograph", "/a"), "npx micrograph");
  assert.is(invocationOf("/usr/bin/micrograph", "/a"), "micrograph");
  assert.is(shellQuote("my data/it's"), "'my data/it'\\''s'");
});

test("on Windows commands to paste fit cmd and PowerShell", () => {
  const quote = (text: string) => quoteFor("win32", text);
  assert.equal(
    [
      "C:\\data\\run-1",
      "my data",
      "C:\\my data\\",
      '#d4442f, "x"',
      "a$b",
      "it's",
      "50%",
      "a,b",
    ].map(quote),
    [
      "C:\\data\\run-1",
      '"my data"',
      '"C:\\my data\\\\"',
      '"#d4442f, \\"x\\""',
      "'a$b'",
      '"it\'s"',
      '"50%"',
      '"a,b"',
    ],
  );
  const from = (script: string) => invocationOf(script, "C:\\work", "win32");
  assert.is(from("C:\\work\\node_modules\\micrograph\\dist\\src\\cli.js"), "npx micrograph");
  assert.is(from("C:\\work\\my copy\\dist\\src\\cli.js"), 'node "my copy\\dist\\src\\cli.js"');
  assert.is(from("D:\\micrograph\\dist\\src\\cli.js"), "node D:\\micrograph\\dist\\src\\cli.js");
});

test("durations are written in the usual way", () => {
  const times = [4_400, 65_000, 4_020_000].map(duration);
  assert.equal(times, ["4 s", "1 min 05 s", "1 h 07 min"]);
});

test.run();
