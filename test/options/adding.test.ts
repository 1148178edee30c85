// An option needs only a row, and the code that uses its value. A copy of the sources gets a new
// one; everything else that handles options must then handle it.

import { execFileSync, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const ROW = `
  /** Does nothing of use. */
  toy: shown(
    "Toy",
    number({
      default: 0.25,
      least: 0,
      below: 1,
      group: "Recipe",
      value: "X",
      words: "a number to play with",
      isFixed: true,
      isInPlan: true,
    }),
  ),
`;

const test = suite<{ copy: string }>("adding an option");

test.before(async (context) => {
  const copy = await mkdtemp(join(tmpdir(), "micrograph-options-"));
  context.copy = copy;
  for (const part of ["src", "scripts", "package.json"]) {
    await cp(join(root, part), join(copy, part), { recursive: true });
  }
  await mkdir(join(copy, "docs"));
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "dir");
  const change = async (file: string, find: string | RegExp, by: string) => {
    const text = await readFile(join(copy, file), "utf8");
    const changed = text.replace(find, () => by);
    assert.is.not(changed, text, file);
    await writeFile(join(copy, file), changed);
  };
  await change("src/options/training.ts", /(?<=accumulate: whole\(\{[^}]*\}\),\n)/, ROW);
  const start = "const config = trainingConfig(training);";
  await change(
    "src/train/run-training.ts",
    start,
    `${start}\n  if (config.toy > 0.9) throw new Error("toy");`,
  );
  execFileSync(process.execPath, [join(copy, "scripts/embed-options.js")]);
  await compile(copy);
});
test.after(async ({ copy }) => rm(copy, { recursive: true }));

/** Compiles the sources like tsc, without type checks. */
async function compile(copy: string): Promise<void> {
  const files = await readdir(join(copy, "src"), { recursive: true });
  const compileOne = async (file: string) => {
    const source = await readFile(join(copy, "src", file), "utf8");
    const { code } = await transform(source, { loader: "ts", target: "es2022" });
    const target = join(copy, "dist/src", file.replace(/\.ts$/, ".js"));
    await mkdir(join(target, ".."), { recursive: true });
    await writeFile(target, code);
  };
  await Promise.all(files.filter((name) => name.endsWith(".ts")).map(compileOne));
}

/** Runs a script in the copy. */
function run(copy: string, file: string, ...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(copy, file), ...args], {
    cwd: copy,
    encoding: "utf8",
  });
  return { stdout, stderr, status };
}

const cli = "dist/src/cli.js";

test("the help of train, compare, info and tune has it, in its group", ({ copy }) => {
  const line = /--toy <X> +a number to play with \(default: 0\.25\)/;
  for (const command of ["train", "compare", "info", "tune"]) {
    assert.match(run(copy, cli, command, "--help").stdout, line, command);
  }
  assert.match(run(copy, cli, "train", "--help").stdout, /\nRecipe:\n(?: .*\n)*? +--toy /);
});

test("a value out of its range is refused on the command line and by the library", async ({
  copy,
}) => {
  const { stderr, status } = run(copy, cli, "train", "--toy", "1");
  assert.is(stderr, "micrograph: --toy: got 1, expected a number from 0 and below 1\n");
  assert.is(status, 1);
  const { trainingConfig } = await import(join(copy, "dist/src/train/config.js"));
  assert.throws(
    () => trainingConfig({ toy: 1 }),
    /^toy must be a number from 0 and below 1, got 1$/,
  );
  assert.is(trainingConfig({ toy: 0.5 }).toy, 0.5);
});

test("config.json has it, a run without it is read, and a resumed run keeps it", async ({
  copy,
}) => {
  const from = (file: string) => import(join(copy, "dist/src", file));
  const [{ resolveRun }, { readRunConfig, writeRunConfig }] = [
    await from("cli/train/resolve-run.js"),
    await from("node/run-config.js"),
  ];
  const { model, training } = resolveRun({ toy: 0.5 }, "sample");
  const about = { micrograph: "0", command: "", name: "toy", data: "sample", adapter: "none" };
  const config = { ...about, training: [], validation: [], model: { ...model, channels: 1 } };
  await writeRunConfig(copy, { ...config, config: training });
  const stored = JSON.parse(await readFile(join(copy, "config.json"), "utf8"));
  assert.is(stored.config.toy, 0.5);
  assert.is(Object.keys(stored.config).at(-1), "toy");
  const resumed = await readRunConfig(copy);
  assert.is(resolveRun({}, "sample", { resumed }).training.toy, 0.5);
  assert.throws(
    () => resolveRun({ toy: 0.1 }, "sample", { resumed }),
    /^--toy: the resumed run has 0\.5, got 0\.1: it cannot change/,
  );
  const { toy, ...earlier } = stored.config;
  await writeRunConfig(copy, { ...config, config: earlier });
  const before = await readRunConfig(copy);
  assert.is(resolveRun({}, "sample", { resumed: before }).training.toy, 0.25);
  await writeRunConfig(copy, { ...config, config: { ...stored.config, toy: 2 } });
  const error = await readRunConfig(copy).then(String, ({ message }: Error) => message);
  assert.match(error, /damaged: toy must be a number from 0 and below 1, got 2$/);
});

test("docs/options.md gets it, and is known to lack it before", async ({ copy }) => {
  await cp(join(root, "docs/options.md"), join(copy, "docs/options.md"));
  assert.is(run(copy, "scripts/write-options.js", "--check").status, 1);
  assert.is(run(copy, "scripts/write-options.js").status, 0);
  const text = await readFile(join(copy, "docs/options.md"), "utf8");
  assert.match(text, /\| `--toy X` \| a number to play with\. .* \| 0\.25 \|\n/);
});

test("docs/options.md matches the tables", () => {
  const { stderr, status } = run(root, "scripts/write-options.js", "--check");
  assert.is(stderr, "");
  assert.is(status, 0);
});

test.run();
