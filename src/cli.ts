#!/usr/bin/env node
// The program: arguments in, exit code out. Everything else is in cli/.

import { readFileSync } from "node:fs";
import { engine } from "./cli/engine.js";
import { invocationOf } from "./cli/format.js";
import { errorLine, runProgram } from "./cli/program.js";

const { stdout, stderr } = process;

// A reader that stops early (`| head`) is not an error.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error: unknown) => {
    stderr.write(`micrograph: ${errorLine(error)}\n`);
    if (process.env.MICROGRAPH_DEBUG && error instanceof Error) stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
process.exitCode = await runProgram({
  services: engine,
  stdout,
  stderr,
  invocation: invocationOf(process.argv[1], process.cwd()),
  args: process.argv.slice(2),
  version,
});
