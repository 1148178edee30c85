// `npm run against:snakemake`: examples/cluster/Snakefile, run by Snakemake. One shard's program is killed; Snakemake
// runs it again. The files must be those of one run by hand.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  clusterData,
  micrograph,
  output,
  program,
  repositoryFile,
  sameBytes,
  wholeRun,
} from "./cluster-data.js";

const SHARDS = 4;

const data = await clusterData(16);
const { folder, checkpoint, input, options } = data;
const results = join(folder, "predictions");
console.log(`Snakemake ${output("snakemake", ["--version"])}`);
const settings = {
  ...{ checkpoint, input, output: results, micrograph: program },
  ...{ shards: SHARDS, options: options.join(" ") },
};
const config = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
const where = ["--snakefile", repositoryFile("examples/cluster/Snakefile"), "--directory", folder];
const started = performance.now();
const workflow = spawn("snakemake", [...where, "--cores", "2", "--config", ...config], {
  stdio: ["ignore", "ignore", "pipe"],
});
let log = "";
workflow.stderr.on("data", (chunk) => {
  log += chunk;
});
const exit = once(workflow, "close");
try {
  const pid = await firstPid();
  process.kill(pid, "SIGKILL");
  const [code] = await exit;
  if (code !== 0) throw new Error(`snakemake: exit code ${code}`);
  if (!/Trying to restart job/.test(log)) throw new Error("no job was killed in time");
  const seconds = (performance.now() - started) / 1000;
  console.log(`process ${pid} of a shard was killed, and its job run again`);
  console.log(await micrograph(["status", results]));
  const whole = await wholeRun(data);
  const files = await sameBytes(results, join(folder, "whole"), ["shards"]);
  console.log(
    `${files} files, bytes equal to those of one process; workflow ${seconds.toFixed(1)} s, one process ${whole.toFixed(1)} s`,
  );
} catch (error) {
  console.error(log);
  throw error;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The process of the first shard that has an image done. */
async function firstPid(): Promise<number> {
  const isOver = exit.then(() => true);
  for (;;) {
    for (let i = 0; i < SHARDS; i++) {
      const journal = join(results, `progress/${i}-of-${SHARDS}.jsonl`);
      const lines = (await readFile(journal, "utf8").catch(() => "")).split("\n");
      if (lines.some((line) => line.includes('"ended"'))) continue;
      const start = lines.find((line) => line.includes('"started"'));
      if (start && lines.some((line) => line.includes('"pixels"'))) return JSON.parse(start).pid;
    }
    if (await Promise.race([isOver, wait(20, false)])) throw new Error("snakemake ended early");
  }
}
