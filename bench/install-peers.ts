// Installs what Micrograph is compared with.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The other engines have a separate package.json: no part of Micrograph needs them. */
export function installPeers(): void {
  const folder = fileURLToPath(new URL("../../bench", import.meta.url));
  if (existsSync(`${folder}/node_modules`)) return;
  process.stderr.write("Installing the other engines into bench/node_modules, once.\n");
  // Their scripts only fetch what is not needed here (libraries for CUDA).
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync(npm, args, { cwd: folder, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.stderr.write("They could not be installed: only Micrograph runs.\n");
}
