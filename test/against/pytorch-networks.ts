// `npm run against:pytorch-networks`: networks of each family that is recognised by its names, made by PyTorch with
// random weights, read and computed here. `-- --write` stores them in test/fixtures/networks. PYTHON sets another
// Python than /usr/bin/python3. Exits with 1 if one differs by more than 2e-5.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDevice } from "../../src/node/open-device.js";
import { foreignError, goldenNetworks } from "../interchange/foreign-network.js";

const isWriting = process.argv.includes("--write");
// Relative to dist/test/against, where this file runs.
const tests = fileURLToPath(new URL("../../../test/", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "micrograph-networks-"));
const folder = isWriting ? `${tests}fixtures/networks` : temporary;
const python = process.env.PYTHON ?? "/usr/bin/python3";
const { status, stderr } = spawnSync(python, [`${tests}pytorch/foreign_networks.py`, folder], {
  encoding: "utf8",
  env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
});
if (status !== 0) throw new Error(`${python}: ${stderr}`);
using device = await openDevice();
for (const [name, golden] of Object.entries(goldenNetworks(folder))) {
  const { error, remarks } = await foreignError(device, folder, name, golden);
  const isWrong = !(error < 2e-5);
  if (isWrong) process.exitCode = 1;
  console.log(
    `${isWrong ? "FAIL " : ""}${name.padEnd(20)} ${error.toExponential(1)}  ${remarks[0]}`,
  );
}
rmSync(temporary, { recursive: true });
