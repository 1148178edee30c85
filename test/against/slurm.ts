// `npm run against:slurm`: examples/cluster/slurm.sh as a job array of a real Slurm. One task is killed without notice,
// one is stopped in time, one is put back by Slurm; then the failed shard is submitted again. The files must be those
// of one run by hand. Uses the Slurm of SLURM_CONF, or starts one with this machine as its only node (as root).

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  clusterData,
  micrograph,
  output,
  program,
  receiptCount,
  repositoryFile,
  sameBytes,
  wholeRun,
} from "./cluster-data.js";

const SHARDS = 6;
const IMAGES = 24;

const data = await clusterData(IMAGES);
const { folder, checkpoint, input, options } = data;
const results = join(folder, "predictions");
const own = process.env.SLURM_CONF === undefined ? join(folder, "slurm") : undefined;
const starter = repositoryFile("test/against/one-node-slurm.sh");
if (own) output("bash", [starter, "start", own]);
const env = {
  ...process.env,
  ...(own ? { SLURM_CONF: join(own, "slurm.conf") } : {}),
  ...{ MICROGRAPH: program, CHECKPOINT: checkpoint, INPUT: input, OUTPUT: results },
};
const slurm = (command: string, ...args: string[]) => output(command, args, env);

function submit(array: string, shards?: number): string {
  const script = repositoryFile("examples/cluster/slurm.sh");
  const log = join(folder, "slurm-%a.log");
  const limits = ["--cpus-per-task=1", "--mem=1G", `--output=${log}`];
  const words = ["--parsable", `--array=${array}`, ...limits, script, ...options];
  const given = shards === undefined ? env : { ...env, SHARDS: `${shards}` };
  return output("sbatch", words, given);
}

/** The state of each task by index, "" when Slurm has forgotten it. */
const stateOf = (job: string, task: number) =>
  slurm("squeue", "-h", "-t", "all", "-r", "-o", "%T", "-j", `${job}_${task}`);

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 600_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ten minutes: ${what}`);
    await wait(200);
  }
}

const journalOf = (shard: number) =>
  readFile(join(results, `progress/${shard}-of-${SHARDS}.jsonl`), "utf8").catch(() => "");
const noted = async (shard: number) => (await journalOf(shard)).includes('"pixels"');
/** The process of a shard, which runs on this machine. */
const pidOf = async (shard: number) => Number(/"pid":(\d+)/.exec(await journalOf(shard))?.[1]);
const ended = (job: string) => async () =>
  slurm("squeue", "-h", "-t", "pending,running,completing,suspended", "-j", job) === "";

try {
  console.log(slurm("sinfo", "--version"));
  const started = performance.now();
  const job = submit(`0-${SHARDS - 1}`);
  await until("shard 0 has an image", () => noted(0));
  // The program itself, without notice: the script ends with 137, and Slurm does not repeat it.
  process.kill(await pidOf(0), "SIGKILL");
  console.log("task 0: killed without notice");
  await until("shard 1 has an image", () => noted(1));
  process.kill(await pidOf(1), "SIGTERM");
  console.log("task 1: SIGTERM; the program ends with 75, and the script puts the task back");
  await until("shard 2 has an image", () => noted(2));
  slurm("scontrol", "requeue", `${job}_2`);
  console.log("task 2: put back into the queue by Slurm while it ran");
  await until("the array has ended", ended(job));
  const states = Array.from({ length: SHARDS }, (_, task) => stateOf(job, task));
  console.log(`states: ${states.join(", ")}; ${await receiptCount(results)} images have receipts`);
  console.log(await micrograph(["status", results], 75));
  const again = submit("0", SHARDS);
  await until("shard 0 has ended", ended(again));
  const seconds = (performance.now() - started) / 1000;
  console.log(await micrograph(["status", results]));
  console.log(await micrograph(["merge", results]));
  const whole = await wholeRun(data);
  const files = await sameBytes(results, join(folder, "whole"));
  console.log(
    `${files} files, bytes equal to those of one process; array ${seconds.toFixed(1)} s, one process ${whole.toFixed(1)} s`,
  );
} catch (error) {
  for (let i = 0; i < SHARDS; i++) {
    const log = await readFile(join(folder, `slurm-${i}.log`), "utf8").catch(() => "");
    if (log) console.error(`task ${i}:\n${log}`);
  }
  throw error;
} finally {
  if (own) output("bash", [starter, "stop", own]);
  await rm(folder, { recursive: true, force: true });
}
