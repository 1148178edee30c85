import { readFile, rename, rm } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";
import { writePairs } from "./train-runs.js";

const small = ["--steps", "4", "--validate-every", "2", "--tile", "28", "--depth", "1"];

test("report writes the run's report again, the same as train did", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    await runCli(["train", "em", "-o", "out", ...small]);
    const first = await readFile("out/report.html", "utf8");
    assert.match(first, /micrograph train em -o out/);
    assert.match(first, /everything cell/);
    assert.match(first, /id="cases"/);
    await rm("out/report.html");
    const { code, stdout, log } = await runCli(["report", "out", "--json"]);
    assert.is(code, 0);
    assert.equal(JSON.parse(stdout), { report: "out/report.html", remarks: [] });
    assert.is(await readFile("out/report.html", "utf8"), first);
    assert.equal([log.opened, log.closed], [1, 1]);
  });
});

test("the report of a run whose data have moved says so, without pictures", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    await runCli(["train", "em", "-o", "out", ...small, "--validate-every", "4"]);
    await rename("em", "moved");
    const { code, stdout } = await runCli(["report", "out"]);
    assert.is(code, 0);
    assert.match(
      stdout,
      /No pictures of the data: .*em\/images: the run.s images are no longer there/,
    );
    const html = await readFile("out/report.html", "utf8");
    assert.match(html, /No pictures of the data/);
    assert.not.match(html, /<img/);
    assert.not.match(html, />4\.0+</, "a curve of one point has a step to read below it");
  });
});

test("an interrupted run has its report", async () => {
  await inFolder(async () => {
    const fake = fakeServices((step) => {
      if (step === 3) process.emit("SIGINT");
    });
    const { code } = await runCli(["train", "-o", "out", ...small], fake);
    assert.is(code, 130);
    assert.match(await readFile("out/report.html", "utf8"), /interrupted, saved/);
  });
});

test("a folder that is no run is refused in one line", async () => {
  await inFolder(async () => {
    const { code, stderr } = await runCli(["report", "nowhere"]);
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: nowhere\/config\.json: .*no such file[^\n]*\n$/);
  });
});

test.run();
