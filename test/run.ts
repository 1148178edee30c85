// Runs every test file below this folder, or those whose path contains one of the arguments, and
// ends with one line that counts: "N passed, N failed".

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "uvu/run";

// What somebody tuned on this machine must not choose the kernels that are tested.
process.env.MICROGRAPH_KERNEL_CACHE = "off";

const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const suites = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()
  .map((file) => ({ name: file.replace(/\.js$/, ".ts"), file: `${folder}${file}` }));

// uvu reports its totals as text alone.
let output = "";
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((chunk: string, ...rest: []) => {
  output += chunk;
  return write(chunk, ...rest);
}) as typeof process.stdout.write;
await run(suites, { bail: false } as never);
process.stdout.write = write;

const totals = /Total:\s+(\d+)[^\d]+Passed:[^\d]+(\d+)[^\d]+Skipped:[^\d]+(\d+)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal
const found = totals.exec(output.replace(/\x1b\[\d+m/g, "").slice(-400));
const [total, passed, skipped] = (found ?? []).slice(1).map(Number);
if (!found || total === 0) {
  console.error("no test ran");
  process.exitCode = 1;
} else {
  console.log(`${passed} passed, ${total - passed} failed, ${skipped} skipped`);
}
