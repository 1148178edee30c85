// Runs that were refused before they began, or killed after their last step.

import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";
import { small } from "./train-runs.js";

test("a run that was killed before its report is ended by --resume, without training", async () => {
  await inFolder(async () => {
    await runCli(["train", "-o", "out", ...small]);
    const log = await readFile("out/events.jsonl", "utf8");
    const resume = async () => {
      const { code, stdout, log } = await runCli(["train", "--resume", "out"]);
      assert.is(code, 0);
      assert.is(log.resumedAt, undefined, "it trains");
      assert.match(stdout, /All 4 steps were done before: .* the report is written now/);
      assert.match(stdout, /Done after 4 steps.*best at step 4/s);
      assert.ok(existsSync("out/report.html"));
      assert.not.ok(existsSync("out/.report.html.host-1.tmp"));
    };
    await rm("out/report.html");
    await writeFile("out/.report.html.host-1.tmp", "half");
    await resume();
    assert.is(await readFile("out/events.jsonl", "utf8"), log);
    // Killed a moment earlier, its log lacks the end.
    const lines = log.trimEnd().split("\n");
    assert.is(JSON.parse(lines.at(-1) as string).type, "end");
    await rm("out/report.html");
    await writeFile("out/events.jsonl", `${lines.slice(0, -1).join("\n")}\n`);
    await resume();
    const again = (await readFile("out/events.jsonl", "utf8")).trimEnd().split("\n");
    assert.is(again.length, lines.length);
    const { type, result } = JSON.parse(again.at(-1) as string);
    assert.equal([type, result.steps, result.best.step], ["end", 4, 4]);
    assert.match((await runCli(["train", "--resume", "out"])).stderr, /has done all 4 of 4 steps/);
  });
});

test("a training that is refused leaves nothing, and a run that is resumed stays as it was", async () => {
  await inFolder(async () => {
    const refusing = fakeServices();
    refusing.services.train = async () => {
      throw new Error("plan training step needs 9 bytes, but this adapter has 8");
    };
    const refused = async (args: string[]) => {
      const { code, stderr } = await runCli(args, refusing);
      assert.is(code, 1);
      assert.match(stderr, /needs 9 bytes/);
    };
    await refused(["train", ...small]);
    await refused(["train", "-o", "out", ...small]);
    await refused(["compare", "-o", "out", ...small]);
    assert.equal(await readdir("."), []);
    await runCli(["train", "-o", "out", ...small]);
    const files = async () => {
      const names = (await readdir("out", { recursive: true })).sort();
      return Promise.all(
        names.map(async (name) => [name, await readFile(join("out", name)).catch(() => "folder")]),
      );
    };
    const before = await files();
    await refused(["train", "--resume", "out", "--steps", "8"]);
    assert.equal(await files(), before);
  });
});

test.run();
