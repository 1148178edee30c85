import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseOptions } from "../../bench/options.js";
import { type Report, rowOf } from "../../bench/report.js";
import { checkReport } from "../../bench/report-shape.js";
import { RESULT_TABLES, withResults } from "../../bench/results.js";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a compiled file of bench/. */
function runBench(file: string, ...args: string[]): Promise<Ended> {
  const path = fileURLToPath(new URL(`../../bench/${file}`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const size = { width: 16, tile: 284 };
const timesOf = (medianMs: number) => ({ medianMs, minMs: medianMs, maxMs: medianMs, count: 1 });

const report: Report = {
  adapter: "an adapter",
  device: "a device",
  driver: "a driver 1.2",
  machine: "2 cores, a processor, Linux",
  node: "20.0.0",
  commit: "abc1234",
  date: "2026-01-31",
  options: ["--only", "step"],
  peakGflops: 100,
  rows: [
    rowOf("step", "micrograph", size, timesOf(100), 4e9, { peakBytes: 2 ** 20 }),
    rowOf("step", "tfjs", size, timesOf(4000), 4e9, { peakBytes: 2 ** 22 }),
    rowOf("growth", "micrograph", { width: 16, tile: 1212 }, timesOf(2000), 72e9, {
      gflopsOfTile284: 0.9,
      planBytes: 3 * 2 ** 20,
      liveBytes: 2 ** 21,
    }),
    rowOf("large", "micrograph", { width: 16, tile: 4096 }, timesOf(8000), 0, {
      megapixelsPerSecond: 2.1,
    }),
    rowOf("max-pool 16, 88 x 88", "micrograph", size, timesOf(1), 0),
    rowOf("max-pool 16, 88 x 88", "jax-js", size, timesOf(3), 0),
  ],
  remarks: [],
};

const page = () => RESULT_TABLES.map(({ head }) => `${head}\n|---|\n`).join("\n");

/** Cells of the rows added to the table here, without machine, driver and similar columns. */
function cellsOf(lines: string[], head: string): string[][] {
  const first = lines.indexOf(head);
  const end = lines.indexOf("", first);
  return lines.slice(first + 2, end).map((line) => line.split(" | ").slice(6));
}

test("a report becomes rows of the results with ratios, and is not added twice", () => {
  const { page: text, added } = withResults(page(), report);
  const [step, , , growth, large, layers] = RESULT_TABLES;
  const lines = text.split("\n");
  assert.is(added.length, 4);
  assert.match(
    added[0],
    "| 2 cores, a processor, Linux | a device | a driver 1.2 | abc1234 | 2026-01-31 | 100 | ",
  );
  const cells = ["16", "284", "100.0 ms", "80.0", "", "4.00 s", "40.0 x", "", "", "1.00", "4.00"];
  assert.equal(cellsOf(lines, step.head)[0].slice(0, 11), cells);
  assert.equal(cellsOf(lines, growth.head), [
    ["16", "1212", "2.00 s", "72.0", "", "90 %", "3.00", "2.00", " |"],
  ]);
  assert.equal(cellsOf(lines, large.head)[0].slice(0, 4), ["16", "4096", "8.00 s", "2.10"]);
  assert.equal(cellsOf(lines, layers.head)[0].slice(-2), ["3.00 ms", "3.00 x |"]);
  assert.equal(withResults(text, report), { page: text, added: [] });
});

test("every table of the results exists in bench/RESULTS.md, and a missing one is an error", async () => {
  const kept = await readFile(new URL("../../../bench/RESULTS.md", import.meta.url), "utf8");
  for (const { head } of RESULT_TABLES) {
    assert.ok(kept.split("\n").includes(head), `RESULTS.md has no table ${head}`);
  }
  assert.throws(() => withResults("# Nothing\n", report), /no table with the head \| machine/);
});

test("what is no report is refused with its name, the field and what was expected", () => {
  assert.is(checkReport(report, "a.json"), report);
  const refused = (change: object, message: string) =>
    assert.throws(() => checkReport({ ...report, ...change }, "a.json"), message);
  refused({ commit: 7 }, "a.json: commit is 7, expected a text");
  refused({ rows: undefined }, "a.json: rows is undefined, expected a list");
  refused({ peakGflops: "9" }, 'a.json: peakGflops is "9", expected a number from 0');
  const [row] = report.rows;
  refused(
    { rows: [row, { ...row, medianMs: null }] },
    "a.json: rows[1].medianMs is null, expected a number from 0",
  );
  refused(
    { rows: [{ ...row, planBytes: -1 }] },
    "a.json: rows[0].planBytes is -1, expected a number from 0",
  );
  assert.throws(() => checkReport([], "a.json"), "a.json: the whole is [], expected an object");
});

test("the report that bench/README.md shows has the shape", async () => {
  const text = await readFile(new URL("../../../bench/README.md", import.meta.url), "utf8");
  const shown = /```\n(\{\n[\s\S]*?\n\})\n```/.exec(text)?.[1] ?? "";
  const { rows } = checkReport(JSON.parse(shown), "README.md");
  assert.is(rows.length, 1);
});

test("wrong options of the benchmark end with exit code 2 and a message about what was expected", async () => {
  for (const [args, message] of [
    [["--tile", "285"], /--tile: .* nearest valid sizes are 284 and 300/],
    [["--width", "x"], /--width <N>.*'x' is invalid. Expected a whole number of at least 1/],
    [["--width", "1e3"], /Expected a whole number of at least 1/],
    [["--rounds", "0"], /--rounds <N>.*Expected a whole number of at least 1/],
    [["--only", "all"], /Got all, expected some of step, predict/],
    [["--engine", "micrograph,tf"], /Got tf, expected some of micrograph, tfjs/],
  ] as const) {
    const { code, stdout, stderr } = await runBench("run.js", ...args);
    assert.is(code, 2, args.join(" "));
    assert.is(stdout, "");
    assert.match(stderr, message);
  }
});

test("work that only Micrograph does opens no other engine, the rest opens all by default", () => {
  assert.equal(parseOptions(["--only", "growth"]).engine, ["micrograph"]);
  assert.is(parseOptions(["--only", "step"]).engine.length, 4);
  assert.equal(parseOptions(["--engine", "tfjs,jax-js"]).engine, ["tfjs", "jax-js"]);
  assert.is(parseOptions(["--json"]).json, true);
  assert.is(parseOptions(["--json", "a.json", "--tile", "188"]).json, "a.json");
});

test("a run writes its report as JSON, and its rows can be recorded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-bench-"));
  try {
    const file = join(folder, "step.json");
    const options = ["--only", "step", "--engine", "micrograph", "--width", "2", "--tile", "188"];
    const run = await runBench("run.js", ...options, "--rounds", "1", "--json", file);
    assert.is(run.code, 0, run.stderr);
    assert.match(run.stdout, /^step .* micrograph /m);
    const made = checkReport(JSON.parse(await readFile(file, "utf8")), file);
    assert.equal(
      made.rows.map(({ work, engine, width, tile }) => ({ work, engine, width, tile })),
      [{ work: "step", engine: "micrograph", width: 2, tile: 188 }],
    );
    assert.match(made.date, /^\d{4}-\d\d-\d\d$/);
    const results = join(folder, "RESULTS.md");
    await writeFile(results, page());
    const recorded = await runBench("record.js", "--results", results, file);
    assert.is(recorded.code, 0, recorded.stderr);
    assert.ok((await readFile(results, "utf8")).includes(recorded.stdout));
    await writeFile(file, "{}");
    const refused = await runBench("record.js", "--results", results, file);
    assert.is(refused.code, 1);
    assert.match(refused.stderr, `${file}: adapter is undefined, expected a text`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
