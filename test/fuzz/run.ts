// `npm run fuzz`: many thousands of cases, in separate processes, so that one that hangs or dies is
// a finding like any other. `--cases N`, `--seed S`, `--only KIND`, `--path P`.

import { type ChildProcess, fork } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Batch, fuzzKinds, runCases } from "./cases.js";

/** Cases per process: the memory it has used is freed with it. */
const BATCH = 1000;
/** A process whose case takes longer hangs. */
const MOST_SECONDS = 60;

const { values: given } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
    path: { type: "string" },
    child: { type: "string" },
  },
});

interface Job extends Batch {
  readonly name: string;
}

if (given.child) await serve(given.child);
else process.exitCode = await lead();

/** Runs the batches that the parent sends; a file has the case that is running. */
async function serve(file: string): Promise<void> {
  const kinds = fuzzKinds();
  const status = openSync(file, "w");
  process.on("disconnect", () => closeSync(status));
  process.on("message", async (job: Job) => {
    const kind = kinds.find(({ name }) => name === job.name);
    if (!kind) throw new Error(`no kind ${job.name}: ${kinds.map(({ name }) => name).join(", ")}`);
    const tell = (index: number) => writeSync(status, `${index}\n`.padEnd(12), 0);
    const finding = await runCases(kind, job, tell);
    process.send?.({ finding });
    process.disconnect();
  });
}

function jobs(): Job[] {
  const kinds = fuzzKinds().filter(({ name }) => given.only === undefined || name === given.only);
  const seed = Number(given.seed);
  if (given.path !== undefined)
    return kinds.map(({ name }) => ({ name, seed, runs: 1, path: given.path }));
  const shares = kinds.reduce((sum, { share }) => sum + share, 0);
  return kinds.flatMap(({ name, share }) => {
    const count = Math.ceil((Number(given.cases) * share) / shares);
    return Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => {
      return { name, seed: (seed + i) % 2 ** 31, runs: Math.min(BATCH, count - i * BATCH) };
    });
  });
}

async function lead(): Promise<number> {
  const start = performance.now();
  const queue = jobs();
  if (queue.length === 0) throw new Error(`no kind is called ${given.only}`);
  const total = queue.reduce((sum, { runs }) => sum + runs, 0);
  const folder = mkdtempSync(join(tmpdir(), "micrograph-fuzz-"));
  const findings: string[] = [];
  const worker = async (id: number) => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const finding = await runJob(job, join(folder, String(id)));
      if (finding === undefined) continue;
      findings.push(finding);
      console.log(finding);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, (_, id) => worker(id)));
  rmSync(folder, { recursive: true });
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${total} cases from seed ${given.seed}, ${findings.length} findings, ${seconds} s`);
  return findings.length > 0 ? 1 : 0;
}

/** The finding of a batch, including the death or hanging of its process. */
function runJob(job: Job, status: string): Promise<string | undefined> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ["--child", status], {
    execArgv: ["--max-old-space-size=1024"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const current = () => {
    try {
      return readFileSync(status, "utf8").trim();
    } catch {
      return "";
    }
  };
  return new Promise((resolve) => {
    let last = "";
    let seen = performance.now();
    let hangs = false;
    const watch = setInterval(() => {
      const now = current();
      if (now !== last) [last, seen] = [now, performance.now()];
      if (performance.now() - seen < MOST_SECONDS * 1000) return;
      hangs = true;
      child.kill("SIGKILL");
    }, 1000);
    let answer: { finding?: string } | undefined;
    child.on("message", (message) => {
      answer = message as { finding?: string };
    });
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      if (answer) return resolve(answer.finding);
      const how = hangs ? `hung for ${MOST_SECONDS} s` : `died (${signal ?? `exit code ${code}`})`;
      const repeat = `--only ${job.name} --seed ${job.seed} --path ${job.path ?? current()}`;
      resolve(`${job.name}: its process ${how}\n  again: npm run fuzz -- ${repeat}`);
    });
    child.send(job);
  });
}
