// The memory that a data set takes: draws images with labels into a temporary folder, trains on
// them with the command line, with the last fifth held out for validation, and prints the peak
// memory of the process, including its threads. Needs Linux (VmHWM).
//   node dist/bench/memory-of-data.js [images] [side] [-- options of train]
// MICROGRAPH_CLI sets the command line of another build to measure.

import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syntheticSample } from "../src/data/synthetic.js";
import { encodePng } from "../src/node/png-files.js";

/** The number of images that are drawn; the others are copies of them. */
const DRAWN = 4;
/** The size that is drawn and then repeated: large sizes would take minutes. */
const PIECE = 512;

/** Grey values of 8 bits and black and white labels, as PNG files. */
function draw(seed: number, side: number): { image: Uint8Array; label: Uint8Array } {
  const piece = syntheticSample({ seed, width: PIECE, height: PIECE });
  const file = (value: (pixel: number) => number) => {
    const data = new Uint8Array(side * side);
    for (let i = 0; i < data.length; i++) {
      const x = i % side;
      const y = (i - x) / side;
      data[i] = Math.round(value((y % PIECE) * PIECE + (x % PIECE)));
    }
    return encodePng({ width: side, height: side, channels: 1, bitDepth: 8, data });
  };
  return {
    image: file((pixel) => 255 * piece.image.data[pixel]),
    label: file((pixel) => 255 * piece.label.data[pixel]),
  };
}

async function drawSet(folder: string, count: number, side: number): Promise<void> {
  const place = (kind: string, index: number) =>
    join(folder, kind, `${String(index).padStart(4, "0")}.png`);
  for (const kind of ["images", "labels"]) await mkdir(join(folder, kind), { recursive: true });
  for (let index = 0; index < Math.min(DRAWN, count); index++) {
    const { image, label } = draw(index + 1, side);
    await writeFile(place("images", index), image);
    await writeFile(place("labels", index), label);
  }
  for (let index = DRAWN; index < count; index++) {
    for (const kind of ["images", "labels"]) {
      await copyFile(place(kind, index % DRAWN), place(kind, index));
    }
  }
}

/** The peak memory of the process so far, in MiB. */
async function peak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function measure(args: readonly string[]): Promise<{ most: number; code: number | null }> {
  const cli =
    process.env.MICROGRAPH_CLI ?? fileURLToPath(new URL("../src/cli.js", import.meta.url));
  const child = spawn(process.execPath, [cli, ...args], { stdio: "inherit" });
  let most = 0;
  const timer = setInterval(async () => {
    most = Math.max(most, await peak(child.pid as number));
  }, 50);
  const code = await new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  clearInterval(timer);
  return { most, code };
}

const end = process.argv.includes("--") ? process.argv.indexOf("--") : process.argv.length;
const [count = 200, side = 2048] = process.argv.slice(2, end).map(Number);
const folder = await mkdtemp(join(tmpdir(), "micrograph-memory-"));
try {
  await drawSet(folder, count, side);
  const run = ["train", folder, "--output", join(folder, "run"), "--steps", "3"];
  const { most, code } = await measure([...run, ...process.argv.slice(end + 1)]);
  const pixels = count * side * side;
  console.log(
    `${count} images of ${side} x ${side}: at most ${Math.round(most)} MiB, ` +
      `${((most * 2 ** 20) / pixels).toFixed(1)} bytes per pixel (exit code ${code})`,
  );
  process.exitCode = code ?? 1;
} finally {
  await rm(folder, { recursive: true });
}
