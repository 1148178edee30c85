// What `npm run bench:gpu` runs: processes, each with its part of the time.

import { fileURLToPath } from "node:url";
import type { Size } from "../step.js";
import type { GpuOptions } from "./options.js";

export interface Stage {
  /** The name of its files. */
  readonly name: string;
  /** What it does, for the report. */
  readonly what: string;
  /** Its part of the time, in proportion to the parts of the stages after it. */
  readonly share: number;
  /** The seconds that it has at least, if as many are left. */
  readonly needs?: number;
  /** A stage that shows whether there is time for this one. */
  readonly after?: string;
  /** The most seconds that it takes, if it has much time. */
  readonly most?: number;
  /** The seconds that the stages before it leave to it. */
  readonly least?: number;
  /** The program and its options, for a time limit in seconds. */
  args(seconds: number): readonly string[];
  /** Whether it prints JSON, which is kept in `NAME.json`. */
  readonly json?: boolean;
  /** Exit codes that are results: the doctor's 1 says that it found faults. */
  readonly codes?: readonly number[];
}

const program = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CLI = program("../../src/cli.js");
const BENCH = program("../run.js");
const PROFILE = program("./profile.js");

const nameOf = ({ width, tile }: Size) => `${width}x${tile}`;
const textOf = ({ width, tile }: Size) => `width ${width}, tile ${tile}`;
const sizeArgs = ({ width, tile }: Size) => ["--width", `${width}`, "--tile", `${tile}`];
/** What the first steps of a size have at least, on adapters that compute in software too. */
const FIRST_S = 25;
/** What a process needs to start and to save. */
const START_S = 8;
/** The share of a training's time after which it begins no further step. */
const JUDGED = 0.75;
const less = (seconds: number) => `${Math.max(1, Math.floor(seconds - START_S))}`;

/** Returns the stages in their order. The files of all of them are in the folder `output`. */
export function stagesOf({ output, sizes, data, small }: GpuOptions): Stage[] {
  const file = (name: string) => `${output}/${name}`;
  const bench = (
    name: string,
    size: Size,
    seconds: number | undefined,
    args: readonly string[],
  ) => [
    BENCH,
    ...sizeArgs(size),
    ...args,
    ...(seconds === undefined ? [] : ["--seconds", less(seconds)]),
    ...["--json", file(`${name}.json`)],
  ];
  // The weights and the pixels of large networks are made by the processor.
  const scaleOf = ({ width, tile }: Size) => (1 + width / 64) * (1 + tile / 1144);
  const stageOf = (one: (size: Size) => Stage) => (size: Size) => {
    const stage = one(size);
    const first = `first-${nameOf(size)}`;
    // A size of which an adapter cannot compute a step in this time takes the time of the others.
    const known = stage.name === first ? { needs: FIRST_S } : { after: first };
    return { ...stage, ...known, share: stage.share * scaleOf(size) };
  };
  const perSize = (one: (size: Size) => Stage) => sizes.map(stageOf(one));
  const tuning = (name: string, what: string, size: Size, more: readonly string[]): Stage => ({
    name,
    what: `${what}, ${textOf(size)}`,
    share: 15,
    json: true,
    args: (seconds) => [
      ...[CLI, "tune", "--base", `${size.width}`, "--tile", `${size.tile}`, ...more],
      ...["--predict-tile", `${size.tile}`, "--optimizer", "sgd", "--json"],
      ...["--budget", `${Math.min(20, Number(less(seconds)))}`],
    ],
  });
  const ends = [...new Set([sizes[0], sizes[sizes.length - 1]])];
  return [
    {
      name: "adapter",
      what: "the adapter, its limits and features",
      share: 10,
      json: true,
      args: () => [CLI, "info", "--json"],
    },
    {
      name: "doctor",
      what: "the doctor: every kernel against references, and known faults of drivers",
      share: small ? 150 : 60,
      json: true,
      codes: [0, 1],
      args: () => [CLI, "doctor", "--json", "--html", file("doctor.html")],
    },
    ...perSize((size) => ({
      name: `first-${nameOf(size)}`,
      what: `step and prediction without tuning, ${textOf(size)}`,
      share: 6,
      args: () => {
        const args = ["--only", "step,predict", "--engine", "micrograph", "--rounds", "2"];
        return bench(`first-${nameOf(size)}`, size, undefined, args);
      },
    })),
    ...perSize((size) => tuning(`tune-${nameOf(size)}`, "the tuner", size, [])),
    ...perSize((size) => ({
      name: `tuned-${nameOf(size)}`,
      what: `step and prediction with the tuned kernels, ${textOf(size)}`,
      share: 10,
      args: () => {
        const args = ["--only", "step,predict", "--engine", "micrograph", "--tuned"];
        return bench(`tuned-${nameOf(size)}`, size, undefined, [...args, "--rounds", "3"]);
      },
    })),
    ...perSize((size) => ({
      name: `profile-${nameOf(size)}`,
      what: `profile of a step and a prediction with the tuned kernels, ${textOf(size)}`,
      share: 8,
      args: () => [PROFILE, `${size.width}`, `${size.tile}`, file(`profile-${nameOf(size)}`)],
    })),
    ...ends.slice(-1).map(
      stageOf((size) => {
        const what = "the tuner, with kernels whose factors have 16 bits";
        return tuning(`tune-f16-${nameOf(size)}`, what, size, ["--precision", "f16"]);
      }),
    ),
    ...perSize((size) => ({
      name: `pytorch-gpu-${nameOf(size)}`,
      what: `the same step and prediction in PyTorch on its GPU, ${textOf(size)}`,
      share: small ? 40 : 15,
      args: () => {
        const args = ["--only", "step,predict", "--engine", "micrograph,pytorch-gpu", "--tuned"];
        return bench(`pytorch-gpu-${nameOf(size)}`, size, undefined, [...args, "--rounds", "2"]);
      },
    })),
    ...ends.map(
      stageOf((size) => ({
        name: `pytorch-${nameOf(size)}`,
        what: `the same step and prediction in PyTorch on the processor, ${textOf(size)}`,
        share: small ? 40 : 20,
        args: () => {
          const args = ["--only", "step,predict", "--engine", "micrograph,pytorch", "--tuned"];
          return bench(`pytorch-${nameOf(size)}`, size, undefined, [...args, "--rounds", "1"]);
        },
      })),
    ),
    ...perSize((size) => ({
      name: `layers-${nameOf(size)}`,
      what: `single layers, ${textOf(size)}`,
      share: 20,
      args: (seconds) => {
        const args = ["--only", "layers", "--engine", "micrograph", "--tuned", "--rounds", "1"];
        return bench(`layers-${nameOf(size)}`, size, seconds, args);
      },
    })),
    {
      name: "training",
      what: `a training by the preset paper${small ? ", with a small network" : ""}`,
      share: 150,
      most: 240,
      least: 90,
      json: true,
      args: (seconds) => [
        ...[CLI, "train", ...(data === undefined ? [] : [data]), "--preset", "paper"],
        ...(small ? ["--base", "8", "--depth", "2", "--tile", "124"] : []),
        // It ends by itself, so that it is saved and judged, which takes long where steps do.
        ...["--max-minutes", (Number(less(JUDGED * seconds - START_S)) / 60).toFixed(2)],
        ...["--validate-every", "100", "--profile", "--output", file("training"), "--json"],
      ],
    },
  ];
}
