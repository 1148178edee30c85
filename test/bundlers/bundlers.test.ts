import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Build, withEsbuild, withoutBundler, withVite } from "../../bundlers/builds.js";
import { createSite, type Site } from "../../bundlers/site.js";
import { coreModule, type Outcome, trainIn } from "../../bundlers/training.js";
import * as core from "../../src/core.js";
import * as files from "../../src/files.js";
import * as micrograph from "../../src/index.js";
import { isInSample } from "../sample.js";

/** webpack is not installed with the tests: `npm run bundlers` has it too. */
const BUILDS: readonly (readonly [name: string, build: Build, entry: string, mostBytes: number])[] =
  [
    // In addition to the core's 45,000: 1,200 for the page, what Vite adds to any page, and checkpoint files.
    ["Vite", withVite, "core.js", 46_200],
    // esbuild keeps a module whole for all parts that use something from it.
    ["esbuild --splitting", withEsbuild({ splitting: true }), "files.js", 57_000],
  ];

let site: Site;
test.before(async () => {
  site = await createSite();
  await site.write("core.js", coreModule("micrograph/core"));
  const files =
    'import { decodeSafetensors } from "micrograph/files"; it.decode = decodeSafetensors;';
  await site.write("files.js", `${coreModule("micrograph/core")}${files}\n`);
});
test.after(() => site?.remove());

test("the packed package, by whatever it is built, trains and predicts the same to the bit", async () => {
  let first: Outcome | undefined;
  for (const [name, build, entry, mostBytes] of BUILDS) {
    const outcome = await trainIn(await build(site, entry));
    first ??= outcome;
    const { losses, probabilities, problems, firstBytes, laterBytes } = outcome;
    assert.equal(problems, [], name);
    assert.is(losses.length, 6);
    assert.ok(losses[5] < losses[0], `${losses}`);
    assert.is(probabilities.length, 2 * 64 * 64);
    assert.equal(losses, first.losses, name);
    assert.equal(probabilities, first.probabilities, name);
    assert.ok(firstBytes < mostBytes, `${name}: ${firstBytes} bytes at first`);
    assert.ok(laterBytes > 0, `${name}: nothing was loaded when needed`);
  }
  // Otherwise it trains in browser/worker.test.ts.
  if (!isInSample("the one file without a bundler")) return;
  const plain = await trainIn(await withoutBundler("micrograph.min.js")(site, ""));
  assert.equal(plain.problems, []);
  assert.equal([plain.losses, plain.probabilities], [first?.losses, first?.probabilities]);
});

test("what micrograph/core and micrograph/files export, micrograph exports too", () => {
  for (const [name, value] of Object.entries({ ...core, ...files })) {
    assert.is((micrograph as Record<string, unknown>)[name], value, name);
  }
});

test("entries of one page share their modules, and export only what they mean to", async () => {
  // By the names that users write: a package may import itself.
  const entries = ["micrograph", "micrograph/core", "micrograph/files", "micrograph/ops"];
  const modules = await Promise.all(entries.map((name) => import(name)));
  const [all, ofCore, ofFiles, ofOps] = modules as Record<string, unknown>[];
  assert.equal(Object.keys(ofCore), Object.keys(core));
  assert.equal(Object.keys(ofFiles), Object.keys(files));
  assert.is(ofCore.GpuError, all.GpuError);
  assert.is(ofOps.compilePlan, all.compilePlan);
  assert.is(ofOps.upConv2d, all.upConv2d);
  // The names in a page without a bundler.
  for (const [name, expected] of Object.entries({ core, files })) {
    const made = await import(new URL(`../../core/${name}.js`, import.meta.url).href);
    assert.equal(Object.keys(made), Object.keys(expected), name);
  }
});

test.run();
