// `npm run docs`: guides and API reference as one folder of pages that opens from disk, dist/docs-site/. With
// --check it also fails for public names without documentation and for links that lead nowhere.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const isCheck = process.argv.includes("--check");
installTools();
const { buildSite } = await import("./build.js");
const { undocumented, faults } = await buildSite();
for (const fault of faults) console.error(fault);
if (isCheck) for (const name of undocumented) console.error(name);
else if (undocumented.length > 0) {
  console.error(
    `${undocumented.length} public names are undocumented: npm run docs:check lists them`,
  );
}
console.log("The documentation: dist/docs-site/index.html");
if (isCheck && undocumented.length + faults.length > 0) process.exitCode = 1;

/** TypeDoc is a package apart, with a TypeScript of its own: nothing else here needs them. */
function installTools() {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  if (existsSync(`${folder}/node_modules`)) return;
  console.error("Installing TypeDoc into docs/node_modules, once.");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const shell = process.platform === "win32"; // Node starts no .cmd file without one
  const { status } = spawnSync(npm, args, { cwd: folder, shell, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  console.error("They could not be installed: see what npm wrote above.");
  process.exit(1);
}
