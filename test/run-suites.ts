// One process of run.ts: runs each test file that it is sent, and sends back its output and counts.

import "./no-kernel-cache.js";
import { run } from "uvu/run";

/** A test file, with the name that is printed. */
export interface Suite {
  readonly name: string;
  readonly file: string;
}

export interface SuiteResult {
  readonly output: string;
  readonly total: number;
  readonly passed: number;
  readonly skipped: number;
}

// uvu reports its totals only as text, at the end of its output.
const TOTALS = /\s+Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)\s+Duration:\s+\S+\s+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal
const COLOURS = /\x1b\[\d+m/g;

async function runSuite(suite: Suite): Promise<SuiteResult> {
  let output = "";
  const write = process.stdout.write;
  process.stdout.write = ((chunk: string | Uint8Array) => {
    output += chunk;
    return true;
  }) as typeof process.stdout.write;
  Object.assign(globalThis, { UVU_QUEUE: [] });
  try {
    await run([suite], { bail: false } as never);
  } catch (error) {
    output = `${suite.name}\n   FAIL  ${(error as Error).stack}\n`;
  }
  process.stdout.write = write;
  output = output.replace(COLOURS, "");
  const [text, total, passed, skipped] = TOTALS.exec(output) ?? ["", "1", "0", "0"];
  const counts = { total: Number(total), passed: Number(passed), skipped: Number(skipped) };
  if (counts.passed < counts.total && !output.includes("FAIL")) {
    output += "   FAIL  a hook of the file threw: uvu does not show what\n";
    return { output, ...counts };
  }
  return { output: `${output.slice(0, output.length - text.length)}\n`, ...counts };
}

process.on("message", async (suite: Suite) => {
  // A test that waits for ever must end the process, not block it.
  process.channel?.unref();
  const result = await runSuite(suite);
  process.channel?.ref();
  process.send?.(result);
});
