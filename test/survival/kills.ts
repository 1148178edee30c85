// `npm run faults:kill`: a training in a process that is killed at random moments (`kill -9`), a hundred
// times, and continued each time. What it leaves in the end is what an undisturbed run leaves. Two numbers
// are those of the kills and of a run's steps, of which few bring more kills near its end;
// MICROGRAPH_TEST_SEED chooses other moments.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const KILLS = Number(process.argv[2] ?? 100);
const ARGS = [
  ...["--base", "2", "--depth", "1", "--tile", "28", "--validate-every", "2", "--seed", "3"],
  ...["--workers", "0"],
];
/** Steps of one run: by default it should not end before it was killed some ten times. */
const STEPS = Number(process.argv[3] ?? 60);

let state = Number(process.env.MICROGRAPH_TEST_SEED ?? 1);
/** Numbers from 0 to 1 that repeat (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let value = Math.imul(state ^ (state >>> 15), 1 | state);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
}

function start(args: readonly string[]): ChildProcess {
  const env = { ...process.env, MICROGRAPH_KERNEL_CACHE: "off", MICROGRAPH_DOCTOR: "off" };
  return spawn(process.execPath, [CLI, "train", ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs to the end; returns what it printed as errors. */
async function finish(child: ChildProcess): Promise<string> {
  let text = "";
  child.stderr?.on("data", (data) => {
    text += data;
  });
  child.stdout?.resume();
  const [code] = await once(child, "exit");
  return code === 0 ? "" : `exit code ${code}: ${text.trim().split("\n").at(-1)}`;
}

/** Resolves when the process has begun to train, or to end a run that has done all its steps. */
const isReady = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    let text = "";
    child.stdout?.on("data", (data) => {
      text += data;
      if (/ready in|were done before/.test(text)) resolve();
    });
  });

/**
 * Kills the process at a moment of its start (one in five), or of its steps, more often an early one. A whole run
 * takes `wholeMs` after its start.
 */
async function killed(child: ChildProcess, wholeMs: number): Promise<string> {
  let text = "";
  const ready = isReady(child);
  child.stderr?.on("data", (data) => {
    text += data;
  });
  const ended = once(child, "exit");
  if (random() < 0.2) await Promise.race([ended, wait(random() * 2000)]);
  else {
    await Promise.race([ended, ready]);
    await Promise.race([ended, wait(random() ** 3 * 1.2 * wholeMs)]);
  }
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  return signal === "SIGKILL" || code === 0
    ? ""
    : `exit code ${code}: ${text.trim().split("\n").at(-1)}`;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What does not depend on time. */
async function contents(folder: string): Promise<Record<string, string>> {
  const rows = (await readFile(join(folder, "metrics.csv"), "utf8")).trim().split("\n");
  const columns = rows[0].split(",");
  const timed = ["images_per_second", "wait_ms"].map((name) => columns.indexOf(name));
  const steps = new Map<string, string[]>();
  for (const row of rows.slice(1)) {
    const cells = row.split(",").map((cell, i) => (timed.includes(i) ? "" : cell));
    const before = steps.get(cells[0]);
    steps.set(
      cells[0],
      cells.map((cell, i) => cell || before?.[i] || ""),
    );
  }
  const bytes = async (name: string) => (await readFile(join(folder, name))).toString("base64");
  const files = await readdir(folder, { recursive: true });
  const found: Record<string, string> = {
    "metrics.csv": [...steps.values()].map(String).join("\n"),
    files: files.map(String).sort().join(" "),
  };
  for (const name of ["best.safetensors", "last.safetensors"]) found[name] = await bytes(name);
  return found;
}

const folder = await mkdtemp(join(tmpdir(), "micrograph-kills-"));
const whole = join(folder, "whole");
const problems: string[] = [];
const startMs = performance.now();
const steps = ["--steps", String(STEPS)];
const first = start([...ARGS, ...steps, "-o", whole]);
let readyMs = 0;
void isReady(first).then(() => {
  readyMs = performance.now();
});
const failed = await finish(first);
const wholeMs = performance.now() - readyMs;
if (failed) throw new Error(failed);
const expected = await contents(whole);
let kills = 0;
let runs = 0;
while (kills < KILLS) {
  const place = join(folder, `run-${++runs}`);
  for (;;) {
    const isBegun = existsSync(join(place, "last.safetensors"));
    // As the error says of a best checkpoint whose run cannot be continued.
    if (!isBegun) await rm(join(place, "best.safetensors"), { force: true });
    const args = isBegun ? ["--resume", place] : [...ARGS, ...steps, "-o", place];
    const isLast = kills >= KILLS;
    const child = start(args);
    const problem = await (isLast ? finish(child) : killed(child, wholeMs));
    // A run that was at its end says so.
    const isOver = child.exitCode === 0 || /has done all/.test(problem);
    if (problem && !isOver) problems.push(`run ${runs}, after ${kills} kills: ${problem}`);
    if (isOver || isLast || problems.length > 5) break;
    kills++;
  }
  const found = await contents(place);
  for (const [name, content] of Object.entries(expected)) {
    if (found[name] === content) continue;
    const seen = content.length < 2000 ? `: ${found[name]}, expected ${content}` : "";
    problems.push(`run ${runs}: ${name} differs${seen}`);
  }
  if (problems.length > 5) break;
}
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(
  `${kills} kills in ${runs} runs of ${STEPS} steps: ${problems.length} problems (${seconds} s)`,
);
for (const problem of problems) console.log(`  ${problem}`);
if (problems.length === 0) await rm(folder, { recursive: true });
process.exitCode = problems.length > 0 ? 1 : 0;
