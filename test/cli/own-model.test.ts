import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inFolder, runCli } from "./run.js";
import { fails, small, writePairs } from "./train-runs.js";

// Relative to dist/test/cli, where this file runs.
const file = fileURLToPath(new URL("../../examples/own-model.js", import.meta.url));
const model = ["--model", file];
const checkpoint = ["--checkpoint", "out/best.safetensors", "--input", "em/images", "-o", "p"];

test("a module with an architecture trains, is resumed and predicts from the command line", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    const args = ["train", "em", "-o", "out", ...small, ...model];
    const { code, stdout, stderr } = await runCli([...args, "--base", "2", "--field", "depth=1"]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /lab\.res-unet of base 2, depth 1; 4 steps of 1 tile of 284 x 284/);
    const { model: stored } = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal(stored, {
      base: 2,
      depth: 1,
      classes: 2,
      architecture: "lab.res-unet",
      channels: 1,
    });
    assert.match(await readFile("out/report.html", "utf8"), /lab\.res-unet/);
    const next = stdout.match(/npx micrograph (predict .*)/)?.[1] as string;
    assert.is((await runCli(next.split(" "))).code, 0, next);
    const again = ["train", "--resume", "out", "--steps", "6"];
    await fails(again, 1, /architecture is "lab\.res-unet", .*by --model FILE\.js/);
    await fails(
      [...again, ...model, "--field", "depth=2"],
      1,
      /--depth: the resumed run has 1, got 2/,
    );
    const resumed = await runCli([...again, ...model]);
    assert.is(resumed.code, 0, resumed.stderr);
    await fails(["predict", ...checkpoint], 1, /architecture is "lab\.res-unet"/);
    const predicted = await runCli(["predict", ...checkpoint, ...model]);
    assert.is(predicted.code, 0, predicted.stderr);
    await fails(
      ["predict", ...checkpoint, ...model, "--tile", "31"],
      1,
      /--tile: .* are 30 and 32/,
    );
  });
});

test("info --plan and tune take the module too", async () => {
  const { code, stdout } = await runCli(["info", "--plan", ...model, "--field", "base=2"]);
  assert.is(code, 0);
  assert.match(stdout, /lab\.res-unet of base 2, depth 2, [\d,]+ parameters/);
  assert.is((await runCli(["tune", ...model])).code, 0);
});

test("report, gallery and compare take the module", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    const args = ["compare", "em", "-o", "both", ...small, "--depth", "1", "--base", "2"];
    const compared = await runCli([...args, "--models", `unet@92,${file}`, "--json"]);
    assert.is(compared.code, 0, compared.stderr);
    const { results } = JSON.parse(compared.stdout);
    assert.equal(Object.keys(results), ["unet@92", "lab.res-unet"]);
    const run = "both/lab.res-unet";
    await fails(["report", run], 1, /architecture is "lab\.res-unet", .*by --model FILE\.js/);
    const written = await runCli(["report", run, ...model]);
    assert.is(written.code, 0, written.stderr);
    assert.match(await readFile(`${run}/report.html`, "utf8"), /lab\.res-unet/);
    const trained = ["--checkpoint", `${run}/best.safetensors`];
    const drawn = await runCli(["gallery", "em", "-o", "g", ...trained, ...model]);
    assert.is(drawn.code, 0, drawn.stderr);
    assert.match(await readFile("g/index.html", "utf8"), /predictions-/);
    const plain = await runCli(["gallery", "em", "-o", "h", ...model, "--base", "2"]);
    assert.is(plain.code, 0, plain.stderr);
    await fails([...args, "--models", "unet,./absent.js"], 1, /absent\.js: there is no such file/);
    await fails([...args, "--models", `${file}, ${file}`], 1, /lab\.res-unet is listed twice/);
  });
});

test("what is no module with one architecture is refused in one line", async () => {
  await inFolder(async () => {
    await writeFile("none.mjs", "export const width = 3;\n");
    await writeFile("broken.mjs", "export const = 3;\n");
    await writeFile(
      "two.mjs",
      "const one = { name: 'a', read() {}, build() {} };\nexport { one };\nexport const b = { ...one, name: 'b' };\n",
    );
    const train = (name: string) => ["train", ...small, "--model", name];
    await fails(train("./absent.js"), 1, /--model \.\/absent\.js: there is no such file/);
    await fails(train("none.mjs"), 1, /none\.mjs: it exports width, expected an architecture/);
    await fails(train("broken.mjs"), 1, /broken\.mjs: the module cannot be loaded: /);
    await fails(
      train("two.mjs"),
      1,
      /two\.mjs: it exports several architectures \(b, a\), expected one/,
    );
  });
  await fails(
    ["train", ...small, ...model, "--field", "width=3"],
    1,
    /--field width: lab\.res-unet has no such field, it has base, depth/,
  );
  await fails(
    ["train", ...small, "--field", "width=3"],
    1,
    /--field width: it is for an architecture of your own/,
  );
  await fails(
    ["train", ...small, ...model, "--field", "base=0"],
    1,
    /base must be a whole number from 1 to 256, got 0/,
  );
  await fails(["train", ...small, ...model, "--field", "base"], 2, /Expected NAME=VALUE/);
});

test.run();
