// A script of the checks in a process of its own (Node, Deno), called by lines of JSON.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Runtime } from "./run.js";

/** Answers each line of its input, which is a call, with a line. */
const ANSWERING = `
  const { createInterface } = await import("node:readline");
  for await (const line of createInterface({ input: (await import("node:process")).stdin })) {
    const { name, values } = JSON.parse(line);
    let answer;
    try {
      answer = { result: (await it[name](...values)) ?? null };
    } catch (error) {
      answer = { error: String(error) };
    }
    console.log(JSON.stringify(answer));
  }
`;

export interface Script {
  readonly program: string;
  /** Options of the program, before the script's file. */
  readonly args: readonly string[];
  /** Makes the global `it`. */
  readonly text: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** What to do if the program does not start. */
  readonly advice: string;
}

/** Starts it; a call rejects with the reason if the program is missing or ends. */
export function startScript(script: Script): Runtime & { close(): Promise<void> } {
  const { program, args, text, env = process.env, advice } = script;
  const folder = mkdtempSync(join(tmpdir(), "micrograph-against-"));
  const file = join(folder, "road.mjs");
  writeFileSync(file, `${text}\n${ANSWERING}`);
  const child = spawn(program, [...args, file], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<never>((_, reject) => {
    child.on("error", ({ message }) => reject(new Error(`${program}: ${message}: ${advice}`)));
    child.on("exit", (code, signal) => reject(new Error(`${program} ended: ${code ?? signal}`)));
  });
  ended.catch(() => {}); // it may end once it is not needed
  child.stdin.on("error", () => {}); // as `ended` says
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(name, ...values) {
      child.stdin.write(`${JSON.stringify({ name, values })}\n`);
      const { value } = await Promise.race([lines.next().then(orEnded(ended)), ended]);
      const { result, error } = JSON.parse(value);
      if (error !== undefined) throw new Error(`${name}: ${error}`);
      return result;
    },
    async close() {
      child.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The output ends before the process is known to have ended. */
const orEnded = (ended: Promise<never>) => (line: IteratorResult<string>) =>
  line.done ? ended : line;
