// Time to the first training step in a fresh process, from opening the adapter to the loss: with an
// empty shader cache of the driver, and again with the cache that the first process left.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { summarise } from "./measure.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";
import type { Size } from "./step.js";

const TIME_LIMIT_MS = 600_000;
/** A start that takes longer is measured once. */
const LONG_MS = 60_000;

export async function benchStart(session: Session, size: Size, rounds = 2): Promise<void> {
  for (const { name, step } of session.engines) {
    if (!step) continue;
    const cold: number[] = [];
    const warm: number[] = [];
    try {
      for (let round = 0; round < rounds; round++) {
        if (cold[0] > LONG_MS) break;
        session.say(`start, width ${size.width}, tile ${size.tile}: ${name}`);
        const cache = await mkdtemp(join(tmpdir(), "micrograph-bench-"));
        try {
          cold.push(await firstStep(name, size, cache));
          warm.push(await firstStep(name, size, cache));
        } finally {
          await rm(cache, { recursive: true, force: true });
        }
      }
    } catch (error) {
      session.remarks.push(`${name}, start: ${lineOf(error)}`);
      continue;
    }
    session.rows.push(rowOf("start cold", name, size, summarise(cold), 0));
    session.rows.push(rowOf("start warm", name, size, summarise(warm), 0));
  }
}

async function firstStep(engine: string, { width, tile }: Size, cache: string): Promise<number> {
  const child = fileURLToPath(new URL("first-step.js", import.meta.url));
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: cache, MESA_SHADER_CACHE_DISABLE: "false" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [child, engine, `${width}`, `${tile}`],
    { env, timeout: TIME_LIMIT_MS },
  );
  return JSON.parse(stdout).firstStepMs;
}
