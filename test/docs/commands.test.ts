// Every command and every program of README and docs, unchanged: page by page, in the page's order, in
// a folder with the data that the pages name. MICROGRAPH_DOCS_STEPS says after how many steps a training ends.
//
// Those of the README run on the adapter of the tests, unless that is SwiftShader. Of the other pages `npm test` takes one,
// by its seed. Its commands have no GPU, as the README's on SwiftShader, and its programs are only compiled
// (snippets.test.ts). `npm run test:all` runs all as they are.

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { testDevice } from "../device.js";
import { isInSample } from "../sample.js";
import { writeData } from "./data.js";
import { type Block, blocksOf, markdownFiles, root } from "./markdown.js";

const { MICROGRAPH_DOCS_STEPS: STEPS = "2", MICROGRAPH_TEST_ALL } = process.env;

const sampled = markdownFiles.filter((file) => file !== "README.md" && isInSample(file)).at(-1);
/** SwiftShader takes minutes for the networks of a page: there it runs in `npm run test:all`. */
const { description, device } = (await testDevice()).gpu.adapterInfo;
const isSlow = /swiftshader/i.test(`${description} ${device}`);
const hasGpu = (file: string) =>
  (file === "README.md" && !isSlow) || MICROGRAPH_TEST_ALL !== undefined;

/** Lines that are not run, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "npm ci && npm run train": "npm run train is compared with package.json below; npm ci has run",
  "npm ci && npm test": "this test is a part of it; that it is what .ci/run does is compared below",
  "npm ci && npm run build": "npm ci and the build have run",
  "npm install ../micrograph": "it would change node_modules; test/against/packages.ts installs",
  "npm run app": "a server that does not end; the tests of the app start it",
  "sudo apt install mesa-vulkan-drivers": "it changes the system",
  "cp -r dist/core site/micrograph":
    "its path is that of a clone; the pages' test serves these files",
};

interface Ended {
  readonly code: number | null;
  /** What it wrote to both streams. */
  readonly output: string;
}

/** Runs in a shell like a user's, in which `npx micrograph` is this build: npx itself takes seconds. */
function shell(script: string, folder: string, isFake: boolean): Promise<Ended> {
  const query = `?steps=${STEPS}${isFake ? "&fake" : ""}`;
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
      NODE_OPTIONS: `--import ${new URL(`./short-runs.js${query}`, import.meta.url)}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

/** A folder inside the package, from which "micrograph/node" is this build. */
function pageFolder(file: string): string {
  const folder = join(root, "dist", "docs-run", file.replace(/\W/g, "-"));
  rmSync(folder, { recursive: true, force: true });
  writeData(folder);
  mkdirSync(join(folder, "bin"));
  const npx = join(folder, "bin", "npx");
  const cli = join(
    root,
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")).bin.micrograph,
  );
  writeFileSync(
    npx,
    `#!/bin/sh\n[ "$1" = micrograph ] && shift && exec node "${cli}" "$@"\nexit 127\n`,
  );
  chmodSync(npx, 0o755);
  return folder;
}

/** The script of a block: its lines without those that are left out. */
const scriptOf = ({ text }: Block): string =>
  text
    .split("\n")
    .filter((line) => !(line in LEFT_OUT))
    .join("\n")
    .trim();

/** A program runs if it opens a device of Node; what only exports, or is for a page, is compiled. */
const isProgram = ({ text }: Block): boolean => text.includes("openDevice()");

async function runBlock(block: Block, folder: string, isFake: boolean): Promise<Ended> {
  const { language, text, line } = block;
  if (language === "sh") return shell(scriptOf(block), folder, isFake);
  // A program whose first line names a file is run by the commands of its page.
  const [, named] = text.match(/^\/\/ (\S+\.mjs)\n/) ?? [];
  const name = named ?? `line-${line}.mjs`;
  writeFileSync(join(folder, name), transformSync(text, { loader: "ts", target: "node20" }).code);
  return named ? { code: 0, output: "" } : shell(`node ${name}`, folder, isFake);
}

const isRun = (block: Block, isFake: boolean): boolean =>
  block.language === "sh"
    ? scriptOf(block) !== ""
    : block.language === "js" || (block.language === "ts" && isProgram(block) && !isFake);

for (const file of markdownFiles) {
  const isFake = !hasGpu(file);
  const blocks = blocksOf(file).filter((block) => isRun(block, isFake));
  if (blocks.length === 0) continue;
  const run = hasGpu(file) || file === "README.md" || file === sampled ? test : test.skip;
  run(`${file}: what it has typed runs${isFake ? ", without a GPU" : ""}`, async () => {
    const folder = pageFolder(file);
    for (const block of blocks) {
      const { code, output } = await runBlock(block, folder, isFake);
      assert.is(code, 0, `${file}:${block.line} exits with ${code}\n${block.text}\n${output}`);
    }
    rmSync(folder, { recursive: true });
  });
}

test("each line that is not run is in a page", () => {
  const lines = new Set(markdownFiles.flatMap(blocksOf).flatMap(({ text }) => text.split("\n")));
  assert.equal(
    Object.keys(LEFT_OUT).filter((line) => !lines.has(line)),
    [],
  );
});

test("only blocks of sh have commands", () => {
  const hidden = markdownFiles.flatMap((file) =>
    blocksOf(file)
      .filter(
        ({ language, text }) => language !== "sh" && /^(npx|npm|node|sudo|micrograph) /m.test(text),
      )
      .map(({ line }) => `${file}:${line}`),
  );
  assert.equal(hidden, []);
});

test("the README's first commands are those of package.json and of .ci/run", () => {
  const [{ text }] = blocksOf("README.md").filter(({ language }) => language === "sh");
  assert.is(text, "npm ci && npm run train\nnpm ci && npm test");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.is(scripts.train, "npm run --silent build && node dist/src/cli.js train");
  const commands = readFileSync(join(root, ".ci", "run"), "utf8").match(/^npm .*$/gm) ?? [];
  assert.equal(
    commands.map((line) => line.split(" --")[0]),
    ["npm ci", "npm test"],
  );
});

test.run();
