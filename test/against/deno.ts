// `npm run against:deno -- [PART OF A FILE'S NAME]`: the checks of run.ts in Deno, on its own
// WebGPU (wgpu). Deno must be installed; DENO sets another program than `deno`.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bundleRoad, type Runtime, runAgainst } from "./run.js";

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

async function startDeno(): Promise<Runtime & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "micrograph-against-"));
  const script = join(folder, "road.mjs");
  writeFileSync(script, `${await bundleRoad()}\n${ANSWERING}`);
  const program = process.env.DENO ?? "deno";
  const child = spawn(program, ["run", "--allow-all", "--unstable-webgpu", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<never>((_, reject) => {
    child.on("error", ({ message }) =>
      reject(new Error(`${program}: ${message}: install Deno, or name its program by DENO`)),
    );
    child.on("exit", (code, signal) => reject(new Error(`${program} ended: ${code ?? signal}`)));
  });
  ended.catch(() => {}); // it may end once it is not needed
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(name, ...values) {
      child.stdin.write(`${JSON.stringify({ name, values })}\n`);
      const { value } = await Promise.race([lines.next(), ended]);
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

const deno = await startDeno();
try {
  process.exitCode = Math.min(1, await runAgainst("Deno", deno));
} finally {
  await deno.close();
}
