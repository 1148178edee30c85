import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lavapipeHint } from "../../src/node/lavapipe-hint.js";
import { chooseVectorWidth, has512BitVectors } from "../../src/node/vector-width.js";

const flags = (more: string) =>
  `processor\t: 0\nflags\t\t: fpu sse2 avx2 ${more}\nbugs\t\t: none\n`;

test("vectors of 512 bits need all extensions that LLVM makes them of", () => {
  assert.ok(has512BitVectors(flags("avx512f avx512dq avx512cd avx512bw avx512vl")));
  assert.not(has512BitVectors(flags("avx512f avx512cd avx512er avx512pf"))); // Knights Landing
  assert.not(has512BitVectors(flags("avx512_vnni")));
  assert.not(has512BitVectors("Features\t: fp asimd sve\n")); // an ARM processor
  assert.not(has512BitVectors(""));
});

const before = process.env.LP_NATIVE_VECTOR_WIDTH;
test.after.each(() => {
  if (before === undefined) delete process.env.LP_NATIVE_VECTOR_WIDTH;
  else process.env.LP_NATIVE_VECTOR_WIDTH = before;
});

test("a width that the user chose stays", () => {
  for (const chosen of ["256", "512", "128"]) {
    process.env.LP_NATIVE_VECTOR_WIDTH = chosen;
    chooseVectorWidth()();
    assert.is(process.env.LP_NATIVE_VECTOR_WIDTH, chosen);
  }
});

/** The width that a new process has after the choice, and after it was taken back. */
function widthsOf(script: string): string {
  const module = new URL("../../src/node/vector-width.js", import.meta.url);
  const code = `import { chooseVectorWidth } from ${JSON.stringify(module.href)}; ${script}`;
  const { LP_NATIVE_VECTOR_WIDTH: _, ...env } = process.env;
  const args = ["--input-type=module", "--eval", code];
  return execFileSync(process.execPath, args, { encoding: "utf8", env }).trim();
}

test("a process takes the width of its processor, and gives it back for another adapter", () => {
  const isWide =
    process.platform === "linux" && has512BitVectors(readFileSync("/proc/cpuinfo", "utf8"));
  const now = "console.log(process.env.LP_NATIVE_VECTOR_WIDTH);";
  const widths = widthsOf(`const takeBack = chooseVectorWidth(); ${now} takeBack(); ${now}`);
  assert.is(widths, `${isWide ? 512 : undefined}\nundefined`);
});

test("a Worker, whose environment no driver sees, chooses nothing", async () => {
  const module = new URL("../../src/node/vector-width.js", import.meta.url);
  const code = `import(${JSON.stringify(module.href)}).then(({ chooseVectorWidth }) => {
    delete process.env.LP_NATIVE_VECTOR_WIDTH;
    chooseVectorWidth();
    require("node:worker_threads").parentPort.postMessage(process.env.LP_NATIVE_VECTOR_WIDTH);
  });`;
  const worker = new Worker(code, { eval: true });
  const width = await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  assert.is(width, undefined);
});

test("SwiftShader's remark names the command of the system that gets lavapipe", () => {
  const bookworm = 'PRETTY_NAME="Debian GNU/Linux 12"\nVERSION_CODENAME=bookworm\nID=debian\n';
  assert.match(lavapipeHint(bookworm), /apt install -t bookworm-backports mesa-vulkan-drivers/);
  const mint = 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\n';
  assert.match(lavapipeHint(mint), /sudo apt install mesa-vulkan-drivers \(23\.1/);
  assert.match(lavapipeHint("ID=fedora\n"), /sudo dnf install mesa-vulkan-drivers/);
  assert.match(lavapipeHint('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), /sudo dnf install/);
  assert.match(lavapipeHint("ID=arch\n"), /Vulkan drivers of Mesa 23\.1 or newer/);
  assert.match(lavapipeHint(""), /Vulkan drivers of Mesa 23\.1 or newer/);
});

test.run();
