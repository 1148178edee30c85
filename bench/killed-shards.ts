// `npm run bench:killed-shards`: a slide in 16 shards, two at a time, of which four are killed at random; then the same
// commands again. The store must have the bytes of one undisturbed process. `-- SIDE` sets its side, by default 8192.

import { once } from "node:events";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { permutation, random } from "../src/data/random.js";
import { shardBench } from "./shard-runs.js";

const side = Number(process.argv[2] ?? 8192);
const [COUNT, KILLED, AT_A_TIME] = [16, 4, 2];
const next = random(side);
const { folder, slide, predict, start } = await shardBench();
const output = join(folder, "shards");
const doomed = new Set(permutation(next, COUNT).subarray(0, KILLED));

try {
  const input = await slide(side);
  const whole = await predict(input, join(folder, "whole"), "0/1");
  const rate = side ** 2 / 1e6 / whole.wall;
  console.log(`one process: ${whole.wall.toFixed(1)} s, ${rate.toFixed(2)} Mpixel/s`);
  const codes = await inTurns(input, whole.wall / COUNT);
  console.log(`16 shards: ${codes.join(" ")}; ${await chunkCount()} chunks have receipts`);
  const again = await inTurns(input, undefined);
  console.log(`again: ${again.join(" ")}; ${await chunkCount()} chunks have receipts`);
  const [one, other] = await Promise.all(["whole", "shards"].map(filesOf));
  const differing = [...one].filter(([name, bytes]) => !other.get(name)?.equals(bytes));
  const isEqual = differing.length === 0 && one.size === other.size;
  console.log(`${one.size} files, ${isEqual ? "all equal" : `${differing.length} differ`}`);
  if (!isEqual) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs all shards; kills the doomed ones within `seconds`, if given. Returns the exit codes. */
async function inTurns(input: string, seconds: number | undefined): Promise<string[]> {
  const codes: string[] = [];
  const todo = Array.from({ length: COUNT }, (_, index) => index);
  const work = async () => {
    for (let index = todo.shift(); index !== undefined; index = todo.shift()) {
      const child = start(input, output, `${index}/${COUNT}`);
      const dies = seconds !== undefined && doomed.has(index);
      const timer = dies && setTimeout(() => child.kill("SIGKILL"), 1000 * (1 + next() * seconds));
      const [code, signal] = await once(child, "exit");
      if (timer) clearTimeout(timer);
      codes[index] = signal ?? `${code}`;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return codes;
}

async function chunkCount(): Promise<number> {
  const journals = join(output, `${side}.progress`);
  const names = (await readdir(journals)).filter((name) => name.endsWith(".jsonl"));
  const texts = await Promise.all(names.map((name) => readFile(join(journals, name), "utf8")));
  return texts.join("").split('"chunk"').length - 1;
}

/** The files of a store that is not completed yet, by path. */
async function filesOf(which: string): Promise<Map<string, Buffer>> {
  const store = join(folder, which, `${side}.partial.ome.zarr`);
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(store, { recursive: true })).sort()) {
    // What killed processes have left has no final name, and readers of Zarr never ask for it.
    if (name.endsWith(".tmp")) continue;
    const path = join(store, name);
    if ((await stat(path)).isFile()) files.set(name, await readFile(path));
  }
  return files;
}
