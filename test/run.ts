// Runs every test file below this folder, or those whose path contains one of the arguments, and
// ends with one line that counts: "N passed, N failed". The files run in several processes at a time:
// SwiftShader compiles on one core at a time. Those of pages come last, at most two at a time. `--all`
// runs in full what is otherwise only sampled (sample.ts).

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Suite, SuiteResult } from "./run-suites.js";

const MOST_PROCESSES = 4;
const MOST_BROWSERS = 2;
const OF_PAGES = /^(app|browser|bundlers)\//;
/** Files of half a minute and more begin first, so that no process waits for one of them at the end. */
const LONG =
  /^(app\/(correct|keys|road|touch)|browser\/(canvas|docs|example|ops|train)|bundlers\/bundlers|cli\/(determinism|train)|docs\/examples|ops\/(conv2d\/conv2d|pool\/max-pool2d)|options\/adding|soak\/soak)\./;

const folder = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const wanted = words.filter((word) => word !== "--all");
if (wanted.length < words.length) process.env.MICROGRAPH_TEST_ALL = "1";
const suites = readdirSync(folder, { recursive: true })
  .map((file) => String(file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => ({ name: file.replace(/\.js$/, ".ts"), file: `${folder}${file}` }))
  .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));

const results: SuiteResult[] = [];

function rank(name: string): number {
  return (OF_PAGES.test(name) ? 2 : 0) + (LONG.test(name) ? 0 : 1);
}

/** Hands one suite after the other to a process: a new one where one has died. */
async function work(opensPages: boolean): Promise<void> {
  let child: ChildProcess | undefined;
  while (suites.length > 0 && (opensPages || !OF_PAGES.test(suites[0].name))) {
    const suite = suites.shift() as Suite;
    const start = performance.now();
    child ??= fork(`${folder}run-suites.js`, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.send(suite);
    const ended = new AbortController();
    const { signal } = ended;
    const answer = once(child, "message", { signal }).then(([result]) => result as SuiteResult);
    const death = once(child, "exit", { signal }).then(([code, by]): SuiteResult => {
      child = undefined;
      const output = `${suite.name}\n   FAIL  its process ended: ${by ?? `exit code ${code}`}\n`;
      return { output, total: 1, passed: 0, skipped: 0 };
    });
    const result = await Promise.race([answer, death]);
    Promise.allSettled([answer, death]); // the other one is cancelled
    ended.abort();
    results.push(result);
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`${result.output.trimEnd()}  ${seconds} s\n`);
  }
  child?.kill();
}

const processes = Math.min(MOST_PROCESSES, availableParallelism());
await Promise.all(Array.from({ length: processes }, (_, i) => work(i < MOST_BROWSERS)));

const sum = (count: (result: SuiteResult) => number) =>
  results.reduce((total, result) => total + count(result), 0);
const [total, passed, skipped] = [sum((r) => r.total), sum((r) => r.passed), sum((r) => r.skipped)];
if (total === 0) console.error("no test ran");
if (total === 0 || passed < total) process.exitCode = 1;
if (total > 0) console.log(`${passed} passed, ${total - passed} failed, ${skipped} skipped`);
