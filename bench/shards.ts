// `npm run bench:shards`: what shards cost. Slides of growing size in one process; one slide in 1 to 16 shards, two
// processes at a time; shards that have nothing to do; merging. Prints wall and processor seconds per row, as Markdown.
// The network has width 8 and depth 3 and random weights. `-- --quick` takes smaller slides, `-- --shards` only the shards.

import { rm } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { type Cost, shardBench } from "./shard-runs.js";

const quick = process.argv.includes("--quick");
const isShardsOnly = process.argv.includes("--shards");
const SIZES = isShardsOnly ? [] : quick ? [512, 1024] : [1024, 2048, 4096];
const SHARDED = quick ? 1024 : 2048;
const SHARDS = quick ? [1, 4] : [1, 2, 4, 16];
const AT_A_TIME = 2;

const { folder, run, predict, slide } = await shardBench();

/** All shards, a few at a time. */
async function allShards(input: string, output: string, count: number): Promise<Cost> {
  const started = performance.now();
  const todo = Array.from({ length: count }, (_, index) => index);
  let cpu = 0;
  const work = async () => {
    for (let index = todo.shift(); index !== undefined; index = todo.shift()) {
      const cost = await predict(input, output, `${index}/${count}`);
      cpu += cost.cpu;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count) }, work));
  return { wall: (performance.now() - started) / 1000, cpu };
}

function row(what: string, pixels: number, { wall, cpu }: Cost): void {
  const rate = pixels > 0 ? (pixels / 1e6 / wall).toFixed(2) : "";
  const cells = [what, wall.toFixed(1), cpu.toFixed(1), rate, loadavg()[0].toFixed(1)];
  console.log(`| ${cells.join(" | ")} |`);
}

try {
  console.log("| what | wall, s | processors, s | Mpixel/s | load |\n|---|---|---|---|---|");
  // The first run on an adapter examines it: not part of what is measured.
  await predict(await slide(512), join(folder, "warm"), "0/1");
  for (const side of SIZES) {
    const input = await slide(side);
    const output = join(folder, `whole-${side}`);
    row(`${side} x ${side}, one process`, side ** 2, await predict(input, output, "0/1"));
    row("the same again: nothing to do", 0, await predict(input, output, "0/1"));
    row("merge: objects, measurements, levels", side ** 2, await run("merge", output));
  }
  const input = await slide(SHARDED);
  for (const count of SHARDS) {
    const output = join(folder, `shards-${count}`);
    const cost = await allShards(input, output, count);
    row(`${SHARDED} x ${SHARDED} in ${count} shards, ${AT_A_TIME} at a time`, SHARDED ** 2, cost);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
