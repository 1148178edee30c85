// `npm run against:pytorch-ops`: computes the cases of test/pytorch by PyTorch and by the engine,
// prints a table of the largest relative errors, and compares PyTorch's numbers with the stored
// ones. Exits with 1 if something differs. `-- --write` stores PyTorch's numbers in
// test/fixtures/pytorch; other arguments are names of families. PYTHON sets another Python than
// /usr/bin/python3.

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openDevice } from "../../src/node/open-device.js";
import { compareCase, families, type Golden, goldenFile, readGolden } from "../pytorch/families.js";

const words = process.argv.slice(2);
const wanted = words.filter((word) => word !== "--write");
const isWriting = wanted.length < words.length;
const python = process.env.PYTHON ?? "/usr/bin/python3";
// Relative to dist/test/against, where this file runs.
const folder = fileURLToPath(new URL("../../../test/pytorch/", import.meta.url));

function computed(family: string): { golden: Golden; text: string } {
  const { stdout, stderr, status, error } = spawnSync(python, [`${family}.py`], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    maxBuffer: 1e8,
  });
  if (status === 0) return { golden: JSON.parse(stdout), text: stdout };
  throw new Error(`${python} ${family}.py: ${error?.message ?? stderr}`);
}

let failed = 0;
using device = await openDevice();
for (const [family, cases] of Object.entries(families)) {
  if (wanted.length > 0 && !wanted.includes(family)) continue;
  const { golden, text } = computed(family);
  if (isWriting) writeFileSync(goldenFile(family), text);
  const isStored = existsSync(goldenFile(family));
  const isSame = isStored && JSON.stringify(readGolden(family)) === JSON.stringify(golden);
  console.log(`${family}, PyTorch ${golden.pytorch}${isSame ? "" : ": other numbers than stored"}`);
  if (!isSame) failed++;
  for (const one of cases) {
    const rows = await compareCase(device, one, golden.cases[one.name]);
    const errors = rows.map(({ what, error }) => `${what} ${error.toExponential(1)}`);
    const isRight = rows.every(({ passed }) => passed);
    if (!isRight) failed++;
    console.log(`  ${isRight ? "ok  " : "FAIL"} ${one.name.padEnd(40)} ${errors.join(", ")}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
