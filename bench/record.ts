// `npm run bench:record -- FILE...`: adds the results of `npm run bench -- --json FILE` to the
// tables of RESULTS.md, so that no figure is typed by hand.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { checkReport } from "./report-shape.js";
import { withResults } from "./results.js";

const RESULTS = fileURLToPath(new URL("../../bench/RESULTS.md", import.meta.url));

const command = new Command("npm run bench:record --")
  .description("Adds the results in JSON files to the tables of bench/RESULTS.md, and prints them.")
  .argument("<files...>", "files written by `npm run bench -- --json FILE`")
  .option("--results <FILE>", "a page with the same tables", RESULTS)
  .parse();
const { results } = command.opts<{ results: string }>();
try {
  let page = await readFile(results, "utf8");
  for (const file of command.args) {
    const report = checkReport(JSON.parse(await readFile(file, "utf8")), file);
    const { added, ...recorded } = withResults(page, report);
    page = recorded.page;
    for (const row of added) process.stdout.write(`${row}\n`);
    if (added.length === 0) process.stderr.write(`${file}: nothing new\n`);
  }
  await writeFile(results, page);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
