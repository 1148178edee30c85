// `npm run bundlers`: a page that imports the packed package, built by each bundler, its bytes, and
// the same training in headless Chromium; then the React example with React. Exits with 1 where losses
// differ, something is of the wrong type, or a console reports.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { openServed } from "../test/browser/page.js";
import { walkReactPage } from "../test/browser/react-road.js";
import { type Build, withEsbuild, withoutBundler, withVite, withWebpack } from "./builds.js";
import { createSite } from "./site.js";
import { coreModule, type Outcome, trainIn } from "./training.js";

const splitting = withEsbuild({ splitting: true });
const PAGES: readonly (readonly [what: string, build: Build, entry: string])[] = [
  ["micrograph/core: Vite", withVite, "core.js"],
  ["micrograph/core: webpack", withWebpack, "core.js"],
  ["micrograph/core: esbuild --splitting", splitting, "core.js"],
  ["micrograph/core: no bundler", withoutBundler("core/core.js"), ""],
  ["micrograph: Vite", withVite, "all.js"],
  ["micrograph: webpack", withWebpack, "all.js"],
  ["micrograph: esbuild --splitting", splitting, "all.js"],
  ["micrograph: esbuild, one file", withEsbuild({ splitting: false }), "all.js"],
  ["micrograph.min.js: no bundler", withoutBundler("micrograph.min.js"), ""],
];

/** webpack and React lie in this folder's node_modules. */
const tools = fileURLToPath(new URL("../../bundlers", import.meta.url));
const REACT_MODULES = [
  "test/browser/react-page.js",
  "examples/in-react.js",
  "examples/in-a-page.js",
];

installTools();
const site = await createSite();
try {
  await site.write("core.js", coreModule("micrograph/core"));
  await site.write("all.js", coreModule("micrograph"));
  console.log("bytes, minified and gzipped".padEnd(38), "at first", "when needed", "  last loss");
  let first: Outcome | undefined;
  for (const [name, build, entry] of PAGES) {
    const outcome = await trainIn(await build(site, entry));
    first ??= outcome;
    const { firstBytes, laterBytes, losses, probabilities, problems } = outcome;
    const figures = [`${firstBytes}`.padStart(8), `${laterBytes}`.padStart(11), losses.at(-1)];
    console.log(name.padEnd(38), ...figures);
    const isSame =
      isDeepStrictEqual(losses, first.losses) &&
      isDeepStrictEqual(probabilities, first.probabilities);
    if (!isSame) fail(`${name}: losses ${losses}, expected those of the first: ${first.losses}`);
    if (problems.length > 0) fail(`${name}: the page reported ${problems.join("; ")}`);
  }
  await runReact();
} finally {
  await site.remove();
}

/** The React example, checked with React's types, built with Vite and used as a person does. */
async function runReact(): Promise<void> {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const { status } = spawnSync(process.execPath, [tsc, "-p", tools], { stdio: "inherit" });
  if (status !== 0) return fail("examples/in-react.tsx does not fit React's types");
  for (const module of REACT_MODULES) await site.copy(module);
  await site.write(
    "react.js",
    `import * as page from "./${REACT_MODULES[0]}"; globalThis.it = { ...page };\n`,
  );
  const opened = await openServed(await withVite(site, "react.js"));
  try {
    const { progress, canvas, held } = await walkReactPage(opened);
    console.log(
      `React example: ${progress}; drew ${canvas.slice(0, 2).join("x")} pixels; left ${held[1]} buffers`,
    );
    const problems = opened.problems.filter((problem) => !problem.includes("404"));
    if (problems.length > 0) fail(`React example: the page reported ${problems.join("; ")}`);
  } finally {
    await opened.close();
  }
}

function fail(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}

/** webpack and React are a package of their own: nothing else needs them. */
function installTools(): void {
  if (existsSync(join(tools, "node_modules"))) return;
  process.stderr.write("Installing webpack and React into bundlers/node_modules, once.\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const options = { cwd: tools, stdio: ["ignore", 2, 2], shell: process.platform === "win32" };
  const { status } = spawnSync(npm, args, options as Parameters<typeof spawnSync>[2]);
  if (status !== 0)
    throw new Error("webpack and React could not be installed: see npm's words above");
}
