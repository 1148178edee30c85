// Slides and runs of the program for the benchmarks of shards.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { random } from "../src/data/random.js";
import { createZarrArray } from "../src/formats/slide/zarr-writer.js";
import { folderStore } from "../src/node/folder-store.js";
import { encodeSafetensors } from "../src/train/checkpoint-file.js";
import { untrained } from "../test/interchange/untrained.js";

const program = fileURLToPath(new URL("../src/cli.js", import.meta.url));
/** Of the chunks of the slide and of the work, in pixels. */
const SIDE = 512;

/** A new folder with an untrained network of width 8 and depth 3, and functions to work in it. */
export async function shardBench() {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-shards-"));
  const checkpoint = join(folder, "network.safetensors");
  await writeFile(checkpoint, encodeSafetensors(untrained({ base: 8, depth: 3 })));
  /** The arguments that predict a shard of a slide. */
  const words = (input: string, output: string, shard: string) => [
    ...["predict", "--checkpoint", checkpoint, "--input", input, "-o", output],
    ...["--chunk", `${SIDE}`, "--shard", shard],
  ];
  return {
    folder,
    run,
    slide: (side: number) => writeSlide(folder, side),
    predict: (input: string, output: string, shard: string) => run(...words(input, output, shard)),
    /** The same as a process that may be killed. */
    start: (input: string, output: string, shard: string) =>
      spawn(process.execPath, [program, ...words(input, output, shard)], { stdio: "ignore" }),
  };
}

/** Writes a slide of blobs of 8 bits, chunk by chunk; returns its path. */
async function writeSlide(folder: string, side: number): Promise<string> {
  const path = join(folder, `${side}.zarr`);
  const shape = [side, side];
  const array = { version: "0.4", shape, side: SIDE, type: "uint8", axes: ["y", "x"] } as const;
  const writer = await createZarrArray(folderStore(path), "", array);
  const next = random(side);
  const chunk = { width: SIDE, height: SIDE };
  for (let row = 0; row * SIDE < side; row++) {
    for (let column = 0; column * SIDE < side; column++) {
      const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
        const [x, y] = [column * SIDE + (i % SIDE), row * SIDE + Math.floor(i / SIDE)];
        return 128 + 90 * Math.sin(x / 7 + y / 31) * Math.sin(y / 6 - x / 43) + 20 * next();
      });
      await writer.write([row, column], chunk, data);
    }
  }
  return path;
}

/** What a run takes, in seconds. */
export interface Cost {
  readonly wall: number;
  /** Seconds of the processors, user and system. */
  readonly cpu: number;
}

/** Runs the program; returns its seconds. */
async function run(...args: string[]): Promise<Cost> {
  const started = performance.now();
  const words = ["-c", 'time -p "$@"', "bash", process.execPath, program, ...args];
  const child = spawn("bash", words, { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`micrograph ${args.join(" ")}: exit code ${code}\n${text}`);
  const [user, system] = ["user", "sys"].map((key) =>
    Number(new RegExp(`^${key} ([\\d.]+)$`, "m").exec(text)?.[1]),
  );
  return { wall: (performance.now() - started) / 1000, cpu: user + system };
}
