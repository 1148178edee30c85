// `npm run bench:compilers`: compiles the kernels of a training step with the compilers of GPUs.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { commitOf } from "../provenance.js";
import { estimateText, MODELLED } from "./estimate.js";
import { installation, missingFor } from "./installation.js";
import { compileForNvidia } from "./nvidia.js";
import { type Options, parseOptions } from "./options.js";
import type { Reporter, Result } from "./results.js";
import { choiceOf, columnsOf, tableOf } from "./table.js";
import { compileForVulkan } from "./vulkan.js";

const options = optionsOf(process.argv.slice(2));
if (options.estimate === undefined) await compile(options);
else estimate(options.estimate, options);

function optionsOf(args: readonly string[]): Options {
  try {
    return parseOptions(args);
  } catch (error) {
    // Commander has printed the error; after --help it ends with 0.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
}

async function compile(options: Options): Promise<void> {
  const { families, sizes, listings, list } = options;
  const at = installation();
  const asked = list ? families.filter(({ maker }) => maker !== "nvidia") : families;
  const missing = missingFor(asked, at);
  if (missing !== undefined) {
    process.stderr.write(`error: ${missing}\n`);
    process.exit(2);
  }
  const results: Result[] = [];
  let failures = 0;
  const reporter: Reporter = {
    result: ({ listing, ...result }) => {
      results.push(listings === undefined ? result : { ...result, listing });
    },
    failure(message) {
      failures++;
      process.stderr.write(`${message}\n`);
    },
    remark: (message) => process.stderr.write(`${message}\n`),
  };
  const scratch = mkdtempSync(join(tmpdir(), "micrograph-compilers-"));
  try {
    for (const family of families) {
      for (const size of sizes) {
        const name = `${family.name}-${size.width}x${size.tile}`;
        const folder = join(listings ?? scratch, name);
        rmSync(folder, { recursive: true, force: true }); // of an earlier run
        mkdirSync(folder, { recursive: true });
        const job = { ...options, family, size, folder };
        if (family.maker === "nvidia") await compileForNvidia(job, at.cuda, reporter);
        else await compileForVulkan(job, at, reporter);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  report(results, options);
  process.exitCode = failures > 0 ? 1 : 0;
}

function estimate(file: string, { assume }: Options): void {
  let results: readonly Result[] | undefined;
  try {
    ({ results } = JSON.parse(readFileSync(file, "utf8")));
  } catch {}
  const isGood = Array.isArray(results) && results.every((result) => "dispatches" in result);
  const text = isGood ? estimateText(results ?? [], assume) : "";
  if (text) process.stdout.write(`${text}\n`);
  else {
    process.stderr.write(
      `error: ${file} holds no results of ${MODELLED.join(" or ")}: expected a file written with --json for one of them\n`,
    );
    process.exitCode = 2;
  }
}

function report(results: readonly Result[], { list, markdown, json }: Options): void {
  const rows = results.map(list ? choiceOf : columnsOf);
  if (rows.length > 0) process.stdout.write(`${tableOf(rows, markdown)}\n`);
  if (json === undefined) return;
  const date = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ commit: commitOf(), date, results }, null, 1);
  writeFileSync(json, `${text}\n`);
}
