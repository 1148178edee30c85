// The options of `npm run bench:gpu`.

import { Command, InvalidArgumentError } from "commander";
import { createModel } from "../network.js";
import type { Size } from "../step.js";

export interface GpuOptions {
  /** The folder of all results. */
  readonly output: string;
  /** The time of the whole command. */
  readonly minutes: number;
  readonly sizes: readonly Size[];
  /** A folder to train on with the preset paper; undefined for the embedded sample. */
  readonly data?: string;
  /** Whether the training has a small network too, instead of the paper's. */
  readonly small: boolean;
}

const SIZES = "16x284,32x284,64x284,16x572,32x572,64x572";
/** For a rehearsal on a processor. */
const SMALL = "8x188";

/** Throws commander's errors, which it has printed on standard error. */
export function parseGpuOptions(args: readonly string[], date: string): GpuOptions {
  const command = new Command("npm run bench:gpu --")
    .description(
      "Examines, tunes and times everything on this machine's GPU, and writes one report. Each stage is\n" +
        "a process with a time limit of its own: one that fails or takes too long is reported, and the\n" +
        "others run.",
    )
    .option("-o, --output <DIR>", "the folder of the results", `runs/gpu-${date}`)
    .option("--minutes <N>", "time limit in minutes (default: 10)", positive)
    .option("--sizes <LIST>", `width and tile of the networks (default: ${SIZES})`, sizesOf)
    .option("--data <DIR>", "images and labels to train on (default: the embedded sample)")
    .option("--small", `a rehearsal on a processor: sizes ${SMALL}, a small network`)
    .addHelpText(
      "after",
      "\nMICROGRAPH_ADAPTER chooses the adapter, PYTHON the Python with PyTorch.",
    )
    .exitOverride()
    .parse(args, { from: "user" });
  const given = command.opts<Partial<GpuOptions> & { output: string }>();
  const small = given.small ?? false;
  const defaults = {
    minutes: 10,
    sizes: sizesOf(small ? SMALL : SIZES),
    small,
  };
  return { ...defaults, ...given };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

function sizesOf(text: string): Size[] {
  return text.split(",").map((part) => {
    const [, width, tile] = /^(\d+)x(\d+)$/.exec(part) ?? [];
    if (!(Number(width) > 0)) {
      throw new InvalidArgumentError(`Got ${part}, expected width and tile, such as 16x284.`);
    }
    const size = { width: Number(width), tile: Number(tile) };
    try {
      createModel(size.width).outputSize(size.tile);
    } catch (error) {
      throw new InvalidArgumentError(`${part}: ${(error as Error).message}`);
    }
    return size;
  });
}
