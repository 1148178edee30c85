// Runs stages one after the other, each as a process with a time limit.

import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { Stage } from "./stages.js";

export interface StageResult {
  readonly name: string;
  readonly what: string;
  /** Why it has no result, or not all of it; undefined if it ended well. */
  readonly problem: string | undefined;
  readonly seconds: number;
}

/** What stages run in: replaced by tests. */
export interface StageOptions {
  /** The folder of `NAME.log` and `NAME.json`. */
  readonly output: string;
  /** The time of all stages. */
  readonly seconds: number;
  readonly env: NodeJS.ProcessEnv;
  say(line: string): void;
  /** Called after each stage: a report of what is known so far. */
  onStage(results: readonly StageResult[]): Promise<void>;
}

/** A stage of which no process can start and measure in this time is left out. */
const LEAST_S = 3;
/** What a process has to end after it was asked to. */
const GRACE_MS = 5000;
/** What is read of its output after it has ended. */
const LAST_WORDS_MS = 1000;

/** Never rejects for a stage that fails. Results are in the order of the stages. */
export async function runStages(
  stages: readonly Stage[],
  { output, seconds, env, say, onStage }: StageOptions,
): Promise<StageResult[]> {
  const startedMs = performance.now();
  const results: StageResult[] = [];
  const late = new Set<string | undefined>();
  for (const [i, stage] of stages.entries()) {
    const { name, what, after } = stage;
    const left = seconds - (performance.now() - startedMs) / 1000;
    const limit = limitOf(
      [stage, ...stages.slice(i + 1).filter((later) => !late.has(later.after))],
      left,
    );
    if (late.has(after)) {
      results.push({ name, what, problem: `left out: ${after} had too little time`, seconds: 0 });
    } else if (limit < LEAST_S) {
      results.push({ name, what, problem: "there was no time for it", seconds: 0 });
    } else {
      say(`${name}: ${what}, ${limit.toFixed(0)} s at most`);
      const beganMs = performance.now();
      const { problem, isLate } = await runStage(stage, limit, output, env);
      if (isLate) late.add(name);
      const took = (performance.now() - beganMs) / 1000;
      results.push({ name, what, problem, seconds: took });
      say(`${name}: ${problem ?? "done"}, ${took.toFixed(1)} s`);
    }
    await onStage(results);
  }
  return results;
}

/** Most stages end early: one may take this many times its share. */
const SLACK = 1.5;

/** The most seconds of the first of `stages`, of those that are left for all of them. */
export function limitOf([stage, ...later]: readonly Stage[], left: number): number {
  const kept = later.reduce((sum, { least = 0 }) => sum + least, 0);
  const free = Math.max(0, left - kept);
  const all = [stage, ...later].reduce((sum, { share }) => sum + share, 0);
  const own = Math.max(stage.needs ?? 0, (SLACK * left * stage.share) / all);
  return Math.min(stage.most ?? Infinity, free, own);
}

/** What went wrong, in a few words, and whether it was the time. */
interface Ended {
  readonly problem: string | undefined;
  readonly isLate?: boolean;
}

async function runStage(
  { name, args, json = false, codes = [0] }: Stage,
  seconds: number,
  output: string,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  const log = createWriteStream(`${output}/${name}.log`);
  const result = json ? createWriteStream(`${output}/${name}.json`) : undefined;
  let lastLine = "";
  try {
    const child = spawn(process.execPath, args(seconds), {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(result ?? log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.stderr.on("data", (chunk: Buffer) => {
      lastLine =
        chunk
          .toString()
          .trim()
          .split(/[\r\n]+/)
          .at(-1) || lastLine;
    });
    let isLate = false;
    // A second interrupt ends a training at once; the first one has it saved.
    const late = setTimeout(() => {
      isLate = true;
      child.kill("SIGINT");
    }, seconds * 1000);
    const end = setTimeout(() => child.kill("SIGKILL"), seconds * 1000 + GRACE_MS);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
      // A process of its own may keep its output open.
      child.once("exit", (code) => setTimeout(resolve, LAST_WORDS_MS, code));
    });
    child.stdout.unpipe();
    child.stderr.unpipe();
    clearTimeout(late);
    clearTimeout(end);
    if (isLate) return { problem: `it did not end in ${seconds.toFixed(0)} s`, isLate };
    if (code !== null && codes.includes(code)) return { problem: undefined };
    return { problem: `it ended with ${code ?? "a signal"}: ${lastLine || "without a word"}` };
  } catch (error) {
    return { problem: (error as Error).message };
  } finally {
    log.end();
    result?.end();
    await Promise.all([finished(log), ...(result ? [finished(result)] : [])]);
  }
}
