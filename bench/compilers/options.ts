// The options of `npm run bench:compilers`. Wrong ones end the process with exit code 2 before
// anything is compiled.

import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { WANTED_FEATURES } from "../../src/gpu/adapter-capabilities.js";
import * as embedded from "../../src/shaders/embedded.generated.js";
import * as general from "../../src/shaders/general.generated.js";
import { createModel } from "../network.js";
import { ASSUMPTIONS, type Assumption } from "./estimate-work.js";
import { CHIPS, type Family, familyOf, USUAL } from "./families.js";
import type { Size } from "./results.js";

export interface Options {
  readonly families: readonly Family[];
  readonly sizes: readonly Size[];
  readonly all: boolean;
  readonly only: string;
  readonly shaders?: string;
  readonly without: readonly string[];
  readonly dawn: readonly string[];
  readonly list: boolean;
  readonly markdown: boolean;
  /** The file for results as JSON. */
  readonly json?: string;
  /** The folder for listings. */
  readonly listings?: string;
  /** A file of results to estimate times from; nothing is compiled then. */
  readonly estimate?: string;
  readonly assume: readonly Assumption[];
}

const USUAL_SIZES: readonly Size[] = [
  { width: 64, tile: 572 },
  { width: 16, tile: 284 },
];

/** The values from commander, with its defaults. */
type Given = Omit<Options, "families" | "sizes"> & { readonly size?: readonly Size[] };

/** Throws commander's errors, which it has printed on standard error. */
export function parseOptions(args: readonly string[]): Options {
  const command = commandOf().parse(args, { from: "user" });
  const { size: sizes = [], ...given } = command.opts<Given>();
  const names: readonly string[] = command.args.length > 0 ? command.args : USUAL;
  const refuse = (error: unknown) => command.error(`error: ${(error as Error).message}`);
  try {
    for (const { width, tile } of sizes) createModel(width).outputSize(tile);
  } catch (error) {
    refuse(new Error(`--size: ${(error as Error).message}`));
  }
  let families: Family[] = [];
  try {
    families = [...new Set(names)].map(familyOf);
  } catch (error) {
    refuse(error);
  }
  return { ...given, families, sizes: sizes.length > 0 ? sizes : USUAL_SIZES };
}

function commandOf(): Command {
  const known = Object.entries(CHIPS).map(([maker, chips]) => `  ${maker}: ${chips.join(" ")}`);
  return new Command("npm run bench:compilers --")
    .description(
      "Compiles the kernels of a training step with the compilers of GPUs, without a GPU.",
    )
    .argument("[families...]", `of chips (default: ${USUAL.join(" ")})`)
    .option("--all", "every kernel that is offered, not only the first choice", false)
    .option("--only <TEXT>", "only pipelines whose label contains this text", "")
    .option("--shaders <FOLDER>", "WGSL files that replace those of the repository", shaders)
    .option("--size <WIDTHxTILE>", "repeatable (default: 64x572 and 16x284)", size)
    .addOption(
      new Option("--without <FEATURE>", "as on an adapter without this feature; repeatable")
        .choices(WANTED_FEATURES)
        .argParser(oneOf(WANTED_FEATURES))
        .default([]),
    )
    .option("--dawn <FLAG>", "a flag for Dawn, repeatable: enable-dawn-features=...", collect, [])
    .option("--list", "only lists the choices of each family, without compiling", false)
    .option("--markdown", "prints the table in Markdown", false)
    .option("--json <FILE>", "also writes the results as JSON to a file", newFile)
    .option("--listings <FOLDER>", "keeps disassembly, SPIR-V and CUDA in a folder", (name) =>
      resolve(name),
    )
    .option("--estimate <FILE>", "estimates times from a file of --json; compiles nothing", file)
    .addOption(
      new Option("--assume <WHAT>", "for --estimate, repeatable")
        .choices(ASSUMPTIONS)
        .argParser(oneOf(ASSUMPTIONS))
        .default([]),
    )
    .addHelpText(
      "after",
      `\nFamilies, with -w32 (Intel: -w8, -w16) for subgroups of that size:\n${known.join("\n")}`,
    )
    .exitOverride();
}

const collect = (text: string, before: readonly string[]) => [...before, text];

/** Collects the values of a repeatable option, each of which must be one of the choices. */
const oneOf =
  (choices: readonly string[]) =>
  (text: string, before: readonly string[] = []) => {
    if (choices.includes(text)) return [...before, text];
    throw new InvalidArgumentError(`Expected one of ${choices.join(", ")}.`);
  };

function size(text: string, before: readonly Size[] = []): readonly Size[] {
  const [, width, tile] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(text) ?? [];
  if (width !== undefined) return [...before, { width: Number(width), tile: Number(tile) }];
  throw new InvalidArgumentError("Expected channels and pixels, such as 64x572.");
}

function shaders(folder: string): string {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new InvalidArgumentError("Expected a folder.");
  }
  const stems = readdirSync(folder).flatMap((name) => /^(.*)\.wgsl$/.exec(name)?.[1] ?? []);
  if (stems.length === 0) throw new InvalidArgumentError("The folder has no .wgsl file.");
  const names: readonly string[] = Object.values({ ...embedded, ...general }).map(
    ({ name }) => name,
  );
  const unknown = stems.find((stem) => !names.includes(stem));
  if (unknown === undefined) return resolve(folder);
  throw new InvalidArgumentError(
    `Its ${unknown}.wgsl replaces no shader: name it as a file of shaders/.`,
  );
}

function file(name: string): string {
  if (existsSync(name) && statSync(name).isFile()) return name;
  throw new InvalidArgumentError("Expected a file that --json wrote.");
}

/** Checked now, since compiling takes a minute. */
function newFile(name: string): string {
  try {
    if (existsSync(name)) {
      accessSync(name, constants.W_OK);
      if (statSync(name).isFile()) return name;
    } else {
      accessSync(dirname(resolve(name)), constants.W_OK);
      return name;
    }
  } catch {}
  throw new InvalidArgumentError("Expected a file that can be written, in a folder that exists.");
}
