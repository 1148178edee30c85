// The provenance of a benchmark run: the adapter, the machine, the commit, the date.

import { spawnSync } from "node:child_process";
import { arch, cpus, type } from "node:os";
import { fileURLToPath } from "node:url";
import type { Device } from "../src/gpu/device.js";
import type { Provenance } from "./report.js";

export function provenanceOf(device: Device, options: readonly string[]): Provenance {
  const info = device.gpu.adapterInfo;
  const { adapter } = device.describe();
  const processors = cpus();
  return {
    adapter,
    // Dawn writes "-" for characters that are not letters or digits, also at the end.
    device: info.device.replace(/-+$/, "") || info.architecture || adapter,
    driver: info.description || adapter,
    machine: `${processors.length} cores, ${processors[0]?.model.trim() ?? arch()}, ${type()}`,
    node: process.versions.node,
    commit: commitOf(),
    date: new Date().toISOString().slice(0, 10),
    options,
  };
}

/** "unknown" if the sources are not a clone. */
export function commitOf(): string {
  const hash = git("rev-parse", "--short", "HEAD");
  if (!hash) return "unknown";
  return hash + (git("status", "--porcelain", "--untracked-files=no") ? "+" : "");
}

function git(...args: string[]): string {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { status, stdout } = spawnSync("git", args, { cwd, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}
