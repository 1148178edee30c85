// The options of `npm run bench`. Wrong ones end the process with exit code 2 before anything is
// opened.

import { Command, InvalidArgumentError } from "commander";
import { createModel } from "./network.js";
import { ENGINES } from "./session.js";

export const WORKS = [
  "step",
  "predict",
  "layers",
  "ops",
  "start",
  "growth",
  "widths",
  "large",
] as const;
export type Work = (typeof WORKS)[number];

/** The work of a plain `npm run bench`: the rest takes many minutes on software adapters. */
export const USUAL: readonly Work[] = ["step", "predict", "start"];

/** The work that only Micrograph does. */
const SEPARATE: readonly Work[] = ["growth", "widths", "large"];

/** Engines that run only if they are named. */
const PYTORCH = ["pytorch", "pytorch-gpu"] as const;
const NAMES: readonly string[] = [...ENGINES, ...PYTORCH];

export interface Options {
  readonly width: number;
  readonly tile: number;
  readonly only?: readonly Work[];
  readonly engine: readonly string[];
  readonly rounds?: number;
  /** Whether Micrograph runs the kernels that `micrograph tune` chose, instead of its first ones. */
  readonly tuned?: boolean;
  /** After this many seconds no other layer is timed. */
  readonly seconds?: number;
  /** The name of a file, or true for standard output. */
  readonly json?: string | true;
}

/** Throws commander's errors, which it has printed on standard error. */
export function parseOptions(args: readonly string[]): Options {
  const command = new Command("npm run bench --")
    .description(
      "Times Micrograph and other engines on the same adapter, after comparing their results.",
    )
    .option("--width <N>", "channels of the first level", whole, 16)
    .option("--tile <N>", "side of the tile in pixels", whole, 284)
    .option("--only <WORKS>", `comma-separated, of ${WORKS.join(", ")}`, listOf<Work>(WORKS))
    .option(
      "--engine <NAMES>",
      `comma-separated, of ${NAMES.join(", ")} (default: ${ENGINES.join(", ")})`,
      listOf(NAMES),
    )
    .option("--rounds <N>", "how often the engines are timed (default: 2 to 4)", whole)
    .option("--tuned", "Micrograph with the kernels that `micrograph tune` chose")
    .option("--seconds <N>", "start no other layer after this time", whole)
    .option("--json [FILE]", "results as JSON to a file, or instead of the table")
    .addHelpText(
      "after",
      `\nWithout --only: ${USUAL.join(", ")}. MICROGRAPH_ADAPTER chooses the adapter.`,
    )
    .exitOverride()
    .parse(args, { from: "user" });
  const given = command.opts<Partial<Options>>();
  const isSeparate = given.only?.every((work) => SEPARATE.includes(work)) ?? false;
  const engine = isSeparate ? ["micrograph"] : [...ENGINES];
  const options = { engine, ...given } as Options;
  try {
    createModel(options.width).outputSize(options.tile);
  } catch (error) {
    command.error(`error: --tile: ${(error as Error).message}`);
  }
  return options;
}

function whole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Expected a whole number of at least 1.");
}

function listOf<Name extends string>(known: readonly Name[]): (text: string) => readonly Name[] {
  return (text) =>
    text.split(",").map((name) => {
      const found = known.find((one) => one === name);
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`Got ${name}, expected some of ${known.join(", ")}.`);
    });
}
