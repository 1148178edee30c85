// `micrograph test`: whether a package of the zoo gives its own test output here.

import type { Command } from "commander";
import { openModelPackage } from "../../node/model-package.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";

/** Adds the command; `done` gets its exit code. */
export function addTest(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("test")
    .summary("run the test of a network of the bioimage.io zoo")
    .description(
      "Runs a package's network on its test input and compares with its test output. Exit code 1 if a\n" +
        "value differs by more than the package allows.",
    )
    .argument("<package>", "a folder with bioimageio.yaml or rdf.yaml, or a zip file of one")
    .option("--json", "print the figures as JSON; progress goes to standard error")
    .action(async (path: string, options: { json?: boolean }) =>
      done(await runTest(path, options, context)),
    )
    .addHelpText("after", `\nExample:\n  ${context.invocation} test unet2d_nuclei_broad`);
}

/** Runs the command; returns the exit code. Throws one line for a package that does not run here. */
export async function runTest(
  path: string,
  options: { readonly json?: boolean },
  { services, stdout, stderr }: Context,
): Promise<number> {
  const progress = createProgress(options.json ? stderr : stdout);
  const model = await openModelPackage(path);
  const { name, formatVersion, licence = "none given" } = model.description;
  progress.line(`${name}, format ${formatVersion}, licence ${licence}`);
  const device = await services.openDevice(progress.line);
  try {
    const { adapter } = device.describe();
    const result = await services.testPackage(device, model);
    const { outputs, off, passed, tolerance, remarks } = result;
    const allowed = `${tolerance.absolute} and ${tolerance.relative} of the value`;
    for (const remark of remarks) progress.line(`${path}: ${remark}`);
    for (const { id, shape, worst } of outputs) {
      const which = outputs.length > 1 ? `Output ${id}` : "Output";
      progress.line(
        `${which} [${shape}] on ${adapter}: differs by up to ${worst.toExponential(1)}`,
      );
    }
    progress.line(
      passed
        ? `Passed: the package allows ${allowed}`
        : `Failed: ${(100 * off).toFixed(2)} % of the values differ by more than the package allows, ${allowed}`,
    );
    if (options.json) {
      stdout.write(`${JSON.stringify({ package: path, name, adapter, ...result }, null, 2)}\n`);
    }
    return passed ? 0 : 1;
  } finally {
    device.close();
  }
}
