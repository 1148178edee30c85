// A folder of images and a network for runs by schedulers, and the comparison with one run by hand.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { random } from "../../src/data/random.js";
import { encodePng } from "../../src/node/png-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { untrained } from "../interchange/untrained.js";

/** The program, as examples/cluster/ calls it. */
export const program = `${process.execPath} ${fileURLToPath(new URL("../../src/cli.js", import.meta.url))}`;

/** A file of the repository; this one runs in dist/test/against. */
export const repositoryFile = (path: string) =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const options = ["--measure"];

export interface ClusterData {
  readonly folder: string;
  readonly checkpoint: string;
  readonly input: string;
  readonly options: readonly string[];
}

/** Writes images of noise, 512 x 512, and an untrained network into a new folder. */
export async function clusterData(count: number): Promise<ClusterData> {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-cluster-"));
  const input = join(folder, "images");
  await mkdir(input);
  const next = random(9);
  for (let i = 0; i < count; i++) {
    const data = Uint8Array.from({ length: 512 * 512 }, () => 255 * next());
    const image = encodePng({ width: 512, height: 512, channels: 1, bitDepth: 8, data });
    await writeFile(join(input, `${i}.png`), image);
  }
  const checkpoint = join(folder, "network.safetensors");
  await writeFile(checkpoint, encodeSafetensors(untrained({ base: 4, depth: 2 })));
  return { folder, checkpoint, input, options };
}

/** Runs the program and returns its output. Throws if its exit code is not the expected one. */
export async function micrograph(args: readonly string[], expected = 0): Promise<string> {
  const [node, script] = program.split(" ");
  const child = spawn(node, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  if (code === expected) return text;
  throw new Error(`micrograph ${args.join(" ")}: exit code ${code}, expected ${expected}`);
}

/** Predicts the images in one process, into a folder "whole"; returns the seconds. */
export async function wholeRun({ folder, checkpoint, input, options }: ClusterData) {
  const started = performance.now();
  const output = join(folder, "whole");
  const args = ["--checkpoint", checkpoint, "--input", input, "--output", output];
  await micrograph(["predict", ...args, "--shard", "0/1", ...options]);
  await micrograph(["merge", output]);
  return (performance.now() - started) / 1000;
}

/** Throws unless both folders have the same files with the same bytes, journals aside; returns how many. */
export async function sameBytes(one: string, other: string, aside: readonly string[] = []) {
  const left = new Set(["progress", ...aside]);
  const names = async (folder: string) =>
    (await readdir(folder)).filter((name) => !left.has(name)).sort();
  const [a, b] = [await names(one), await names(other)];
  if (`${a}` !== `${b}`) throw new Error(`${one} holds ${a}, ${other} holds ${b}`);
  for (const name of a) {
    const [x, y] = await Promise.all([one, other].map((folder) => readFile(join(folder, name))));
    if (!x.equals(y)) throw new Error(`${name} differs in ${one} and ${other}`);
  }
  return a.length;
}

/** The receipts in the journals of a folder. */
export async function receiptCount(output: string): Promise<number> {
  const folder = join(output, "progress");
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.join("").split('"pixels"').length - 1;
}

/** Runs a command and returns what it prints. Throws with its errors if it fails. */
export function output(command: string, args: readonly string[], env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8" });
  if (error) throw new Error(`${command}: ${error.message}; it must be installed`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr || stdout}`);
  return stdout.trim();
}
