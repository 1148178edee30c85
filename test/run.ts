// Runs every test file below this folder, or those whose path contains one of the arguments, and
// ends with one line that counts: "N passed, N failed". The files run in several processes at a time:
// SwiftShader compiles on one core at a time. Those of pages, which wait for a browser, run after the
// others, two at a time, the longest first. `--all` runs in full what is otherwise only sampled (sample.ts).

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Suite, SuiteResult } from "./run-suites.js";

const MOST_PROCESSES = 4;
const MOST_BROWSERS = 2;
const OF_PAGES = /^(app|browser|bundlers)\//;
/** They begin first, so that no process waits for them at the end. */
const LONGEST_OF_PAGES = /^(app\/road|browser\/ops|browser\/train|bundlers\/bundlers)\./;

const folder = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const wanted = words.filter((word) => word !== "--all");
if (wanted.length < words.length) process.env.MICROGRAPH_TEST_ALL = "1";
const suites = readdirSync(folder, { recursive: true })
  .map((file) => String(file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => ({ name: file.replace(/\.js$/, ".ts"), file: `${folder}${file}` }))
  .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));

const results: SuiteResult[] = [];

function rank({ name }: Suite): number {
  return LONGEST_OF_PAGES.test(name) ? 0 : 1;
}

/** Hands the suites of a queue to one process after the other: a new one where one has died. */
async function work(queue: Suite[]): Promise<void> {
  let child: ChildProcess | undefined;
  for (let suite = queue.shift(); suite; suite = queue.shift()) {
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

const phases = [
  { of: ({ name }: Suite) => !OF_PAGES.test(name), processes: MOST_PROCESSES },
  { of: () => true, processes: MOST_BROWSERS },
];
let left = suites;
for (const { of, processes } of phases) {
  const queue = left.filter(of);
  left = left.filter((suite) => !queue.includes(suite));
  const count = Math.min(processes, availableParallelism());
  await Promise.all(Array.from({ length: count }, () => work(queue)));
}

const sum = (count: (result: SuiteResult) => number) =>
  results.reduce((total, result) => total + count(result), 0);
const [total, passed, skipped] = [sum((r) => r.total), sum((r) => r.passed), sum((r) => r.skipped)];
if (total === 0) console.error("no test ran");
if (total === 0 || passed < total) process.exitCode = 1;
if (total > 0) console.log(`${passed} passed, ${total - passed} failed, ${skipped} skipped`);
