// `npm run against:pytorch-networks`: networks of each family that is recognised by its names, made by PyTorch with
// random weights, read and computed here; and packages of the zoo with other axes, several inputs and outputs. `-- --write`
// stores them in test/fixtures. PYTHON sets another Python than /usr/bin/python3. Exits with 1 if one differs by more
// than 2e-5, or by 1e-4 after ten steps of training.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testPackage } from "../../src/interchange/index.js";
import { openModelPackage } from "../../src/node/model-package.js";
import { openDevice } from "../../src/node/open-device.js";
import { foreignError, goldenNetworks } from "../interchange/foreign-network.js";

const isWriting = process.argv.includes("--write");
// Relative to dist/test/against, where this file runs.
const tests = fileURLToPath(new URL("../../../test/", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "micrograph-networks-"));
const folderOf = (name: string) =>
  isWriting ? `${tests}fixtures/${name}` : `${temporary}/${name}`;
const python = process.env.PYTHON ?? "/usr/bin/python3";

/** Runs a program of test/pytorch, which writes files to a folder. */
function write(program: string, folder: string, ...options: string[]): string {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(python, [`${tests}pytorch/${program}`, folder, ...options], {
    encoding: "utf8",
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  return folder;
}

function report(name: string, error: number, remark: string, most = 2e-5): void {
  const isWrong = !(error < most);
  if (isWrong) process.exitCode = 1;
  console.log(`${isWrong ? "FAIL " : ""}${name.padEnd(20)} ${error.toExponential(1)}  ${remark}`);
}

const folder = write("foreign_networks.py", folderOf("networks"), ...(isWriting ? [] : ["--all"]));
using device = await openDevice();
for (const [name, golden] of Object.entries(goldenNetworks(folder))) {
  const { error, losses, after, remarks } = await foreignError(device, folder, name, golden);
  report(name, error, remarks[0]);
  report("", Math.max(losses, after), `after ${golden.losses.length} steps`, 1e-4);
}
const packages = write("zoo_packages.py", folderOf("packages"));
for (const name of readdirSync(packages).filter((one) => !one.endsWith(".json"))) {
  const { worst, outputs } = await testPackage(
    device,
    await openModelPackage(`${packages}/${name}`),
  );
  report(name, worst, `package: ${outputs.map(({ id, shape }) => `${id} [${shape}]`).join(", ")}`);
}
rmSync(temporary, { recursive: true });
