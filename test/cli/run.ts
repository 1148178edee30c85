// Runs a command of the program in this process, in a new folder, with the fakes.

import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../src/cli/program.js";
import { collector, fakeServices } from "./fakes.js";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly log: ReturnType<typeof fakeServices>["log"];
}

/** Runs the program with those arguments. */
export async function runCli(
  args: readonly string[],
  fake: ReturnType<typeof fakeServices> = fakeServices(),
): Promise<Outcome> {
  const stdout = collector();
  const stderr = collector();
  const code = await runProgram({
    services: fake.services,
    stdout,
    stderr,
    invocation: "npx micrograph",
    args,
    version: "0.0.0",
  });
  return { code, stdout: stdout.text(), stderr: stderr.text(), log: fake.log };
}

/** Calls `work` with a new empty folder as the current one. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const before = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), "micrograph-cli-"));
  try {
    process.chdir(folder);
    await work(folder);
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
}

/** The bytes of all files below a folder by path, as hexadecimal digits. */
export async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.set(name, await readFile(path, "hex"));
  }
  return files;
}
