// The options of `predict` for slides.

import { type Command, InvalidArgumentError, Option } from "commander";
import type { OmeVersion } from "../../formats/slide/slide-types.js";

export interface SlideOptions {
  readonly level?: number;
  readonly channels?: readonly number[];
  readonly z?: number;
  readonly t?: number;
  readonly chunk?: number;
  readonly mean?: readonly number[];
  readonly deviation?: readonly number[];
  readonly zarr?: OmeVersion;
  /** Bytes. */
  readonly cache?: number;
  readonly statistics?: boolean;
  readonly tiff?: boolean;
}

/** The options by their names. */
const NAMES = [
  ...["level", "channels", "z", "t", "chunk", "mean", "deviation", "zarr", "cache"],
  ...["statistics", "tiff"],
];

/** Returns the names of the options for slides that were given. */
export function givenSlideOptions(options: Readonly<Record<string, unknown>>): string[] {
  return NAMES.filter((name) => options[name] !== undefined);
}

/** Adds the options, as a group of the command's help. */
export function addSlideOptions(command: Command): void {
  command.optionsGroup("Slides (OME-Zarr, large TIFF files; docs/slides.md):");
  command
    .addOption(whole("--level <N>", "resolution to predict, 0 is the full one (default: 0)", 0))
    .addOption(
      new Option(
        "--channels <LIST>",
        "channels by number, such as 0,2 (default: all, as many as the network expects)",
      ).argParser((text) => list(text, (one) => Number.isSafeInteger(one) && one >= 0)),
    )
    .addOption(whole("--z <N>", "slice of a volume, counted from 0 (default: 0)", 0))
    .addOption(whole("--t <N>", "point in time, counted from 0 (default: 0)", 0))
    .addOption(
      whole("--chunk <N>", "side of the chunks of work and of the output (default: 1024)", 16),
    )
    .addOption(
      new Option(
        "--mean <LIST>",
        "with --deviation: normalise by these, a number per channel where 1 is the largest of the type (default: the mean of the whole)",
      ).argParser((text) => list(text, Number.isFinite)),
    )
    .addOption(
      new Option("--deviation <LIST>", "standard deviations for --mean").argParser((text) =>
        list(text, (one) => Number.isFinite(one) && one >= 0),
      ),
    )
    .addOption(
      new Option(
        "--zarr <VERSION>",
        "version of OME-Zarr to write (default: that of the slide, else 0.4)",
      ).choices(["0.4", "0.5"]),
    )
    .addOption(
      whole("--cache <MIB>", "memory for decoded chunks of the slide (default: 256)", 1, 2 ** 20),
    )
    .option("--statistics", "only compute the mean and deviation of the whole, before shards start")
    .option("--tiff", "also write the classes as <name>-classes.tif: tiled, with a pyramid");
}

function whole(flags: string, words: string, least: number, unit = 1): Option {
  return new Option(flags, words).argParser((text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && text.trim() !== "") return value * unit;
    throw new InvalidArgumentError(`expected a whole number from ${least}`);
  });
}

function list(text: string, isRight: (value: number) => boolean): number[] {
  const values = text.split(",").map((one) => (one.trim() === "" ? Number.NaN : Number(one)));
  if (values.every(isRight)) return values;
  throw new InvalidArgumentError("expected numbers separated by commas");
}
