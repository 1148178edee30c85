import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseGpuOptions } from "../../bench/gpu/options.js";
import { gpuReport } from "../../bench/gpu/report-text.js";
import { limitOf, runStages } from "../../bench/gpu/run-stages.js";
import { type Stage, stagesOf } from "../../bench/gpu/stages.js";
import { rowOf } from "../../bench/report.js";

const stage = (name: string, script: string, more: Partial<Stage> = {}): Stage => ({
  name,
  what: name,
  share: 1,
  args: () => ["-e", script],
  ...more,
});

const options = parseGpuOptions([], "2026-01-31");

test("a stage takes at most one and a half times its share of the time that is left", () => {
  const [one, two] = [stage("a", "", { share: 1 }), stage("b", "", { share: 3, most: 60 })];
  assert.is(limitOf([one, two], 100), 37.5);
  assert.is(limitOf([two], 100), 60);
  assert.is(limitOf([one], 100), 100);
  assert.is(limitOf([{ ...one, needs: 50 }, two], 100), 50);
});

test("the stages of ten minutes leave the training a minute and more, however long the others take", () => {
  const stages = stagesOf(options);
  let left = 600;
  for (const [i] of stages.slice(0, -1).entries()) left -= limitOf(stages.slice(i), left);
  assert.ok(left >= 90, `${left} s are left`);
  const [training] = stages.slice(-1);
  const args = training.args(left);
  const minutes = Number(args[args.indexOf("--max-minutes") + 1]);
  assert.ok(minutes * 60 > 40 && minutes * 60 < left, `${minutes} minutes of ${left} s`);
});

test("a stage that fails, hangs or is no program does not keep the others from running", async () => {
  const output = await mkdtemp(join(tmpdir(), "micrograph-gpu-"));
  try {
    const row = rowOf(
      "step",
      "micrograph",
      { width: 8, tile: 188 },
      { medianMs: 5, minMs: 4, maxMs: 6, count: 3 },
      1e9,
    );
    const report = JSON.stringify({ peakGflops: 800, rows: [row], remarks: ["a remark"] });
    const done: number[] = [];
    const results = await runStages(
      [
        stage("adapter", `console.log('{"adapter":"A card","features":["subgroups"]}')`, {
          json: true,
        }),
        stage("doctor", `console.log("{"); console.error("it went wrong"); process.exit(3)`, {
          json: true,
        }),
        stage("hangs", "setInterval(() => {}, 1000)", { most: 3 }),
        stage("first-8x188", `console.log(${JSON.stringify(report)})`, { json: true }),
      ],
      {
        output,
        seconds: 200,
        env: process.env,
        say: () => {},
        onStage: async (all) => void done.push(all.length),
      },
    );
    assert.equal(done, [1, 2, 3, 4]);
    assert.equal(
      results.map(({ problem }) => problem),
      [undefined, "it ended with 3: it went wrong", "it did not end in 3 s", undefined],
    );
    assert.match(await readFile(join(output, "doctor.log"), "utf8"), /it went wrong/);
    const origin = { machine: "two cores", commit: "abc", date: "2026-01-31", args: ["--small"] };
    const text = await gpuReport(output, origin, results);
    assert.match(text, /^# A card\n/);
    assert.match(text, /\| step \| 8 \| 188 \| 5\.00 \|/);
    assert.match(text, /first-8x188: a remark/);
    assert.match(text, /\| doctor \| .* \| it ended with 3: it went wrong \|/);
    assert.ok(!text.includes("## Doctor"), "half a file of the doctor is not shown");
  } finally {
    await rm(output, { recursive: true });
  }
});

test("a size of which no step was done in its time is left out afterwards", async () => {
  const output = await mkdtemp(join(tmpdir(), "micrograph-gpu-"));
  try {
    const results = await runStages(
      [
        stage("first-64x572", "setInterval(() => {}, 1000)", { most: 3 }),
        stage("layers-64x572", "", { after: "first-64x572" }),
        stage("layers-8x188", "", { after: "first-8x188" }),
      ],
      { output, seconds: 100, env: process.env, say: () => {}, onStage: async () => {} },
    );
    assert.equal(
      results.map(({ problem }) => problem),
      ["it did not end in 3 s", "left out: first-64x572 had too little time", undefined],
    );
  } finally {
    await rm(output, { recursive: true });
  }
});

test("a size that no U-Net has is named before anything runs", () => {
  const { write } = process.stderr;
  let printed = "";
  process.stderr.write = ((text: string) => {
    printed += text;
    return true;
  }) as typeof write;
  try {
    assert.throws(() => parseGpuOptions(["--sizes", "16x100"], "2026-01-31"));
    assert.match(printed, /16x100/);
  } finally {
    process.stderr.write = write;
  }
});

test.run();
