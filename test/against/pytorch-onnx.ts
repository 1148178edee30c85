// `npm run against:pytorch-onnx`: modules of many kinds as PyTorch's exporter writes them at operators of versions 9 to
// 16, computed here. PYTHON sets another Python than /usr/bin/python3. Exits with 1 if one differs by more than 1e-5 of
// its largest value, or cannot be read.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readNpy } from "../../src/formats/npy.js";
import { runGraph } from "../../src/interchange/bioimageio/run-graph.js";
import { readOnnxGraph } from "../../src/interchange/onnx/import-onnx.js";
import { openDevice } from "../../src/node/open-device.js";
import { shareOff } from "../interchange/exported-network.js";

/** Sums of 32-bit floats in another order. */
const MOST = 1e-5;

const opsets = process.argv.slice(2);
// Relative to dist/test/against, where this file runs.
const script = fileURLToPath(new URL("../../../test/pytorch/onnx_modules.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "micrograph-onnx-"));
const python = process.env.PYTHON ?? "/usr/bin/python3";
const made = spawnSync(python, [script, folder, ...opsets], { encoding: "utf8" });
if (made.status !== 0) throw new Error(`${python}: ${made.stderr}`);
process.stdout.write(made.stdout);

using device = await openDevice({ kernelCache: false });
const rows = new Map<string, string[]>();
let [worst, count] = [0, 0];
for (const file of readdirSync(folder).filter((one) => one.endsWith(".onnx"))) {
  const path = join(folder, file.slice(0, -".onnx".length));
  if (!existsSync(`${path}.out.npy`)) continue;
  const name = file.replace(/-(\d+)\.onnx$/, "");
  const opset = file.slice(name.length + 1, -".onnx".length);
  try {
    const graph = await readOnnxGraph(readFileSync(join(folder, file)), { name, keepsEnd: true });
    const { shape, data } = readNpy(readFileSync(`${path}.npy`), name);
    const wanted = readNpy(readFileSync(`${path}.out.npy`), name);
    const got = await runGraph(device, graph, { shape, data: Float64Array.from(data) });
    const off = shareOff(got.data, wanted.data);
    count++;
    worst = Math.max(worst, off);
    if (off < MOST) continue;
    rows.set(`${name}: differs by ${off}`, [
      ...(rows.get(`${name}: differs by ${off}`) ?? []),
      opset,
    ]);
  } catch (error) {
    const why = (error as Error).message;
    rows.set(why, [...(rows.get(why) ?? []), opset]);
  }
}
for (const [why, versions] of rows) console.log(`FAIL ${why} (opsets ${versions.join(", ")})`);
console.log(
  `${count} files computed, the largest difference is ${worst.toExponential(1)} of the largest value`,
);
if (rows.size > 0) process.exitCode = 1;
rmSync(folder, { recursive: true });
