// Runs every test file below this folder, or those whose path contains one of the arguments, and
// ends with one line that counts: "N passed, N failed". The files run in processes side by side:
// SwiftShader compiles on one core at a time. Those of pages, which wait for a browser and measure how long
// it holds its thread, run after the others, one at a time.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Suite, SuiteResult } from "./run-suites.js";

const MOST_PROCESSES = 4;
const OF_PAGES = /^(app|browser|bundlers)\//;

const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const suites = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()
  .map((file) => ({ name: file.replace(/\.js$/, ".ts"), file: `${folder}${file}` }));

const results: SuiteResult[] = [];

/** Hands the suites of a queue to one process after the other: a new one where one has died. */
async function work(queue: Suite[]): Promise<void> {
  let child: ChildProcess | undefined;
  for (let suite = queue.shift(); suite; suite = queue.shift()) {
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
    Promise.allSettled([answer, death]); // the other one is called off
    ended.abort();
    results.push(result);
    console.log(result.output);
  }
  child?.kill();
}

const ofPages = suites.filter(({ name }) => OF_PAGES.test(name));
const others = suites.filter((suite) => !ofPages.includes(suite));
const processes = Math.min(MOST_PROCESSES, availableParallelism());
await Promise.all(Array.from({ length: processes }, () => work(others)));
await work(ofPages);

const sum = (count: (result: SuiteResult) => number) =>
  results.reduce((total, result) => total + count(result), 0);
const [total, passed, skipped] = [sum((r) => r.total), sum((r) => r.passed), sum((r) => r.skipped)];
if (total === 0) console.error("no test ran");
if (total === 0 || passed < total) process.exitCode = 1;
if (total > 0) console.log(`${passed} passed, ${total - passed} failed, ${skipped} skipped`);
