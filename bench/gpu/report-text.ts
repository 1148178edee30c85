// The report of `npm run bench:gpu`, in Markdown, from the files that its stages left. A stage that
// left none, or half of one, is missing in it.

import { readFile } from "node:fs/promises";
import { kernelSummaries, verdictOf } from "../../src/check/examination-text.js";
import type { Examination } from "../../src/check/examine.js";
import type { Profile } from "../../src/gpu/profile.js";
import type { TuneResult } from "../../src/gpu/tune.js";
import { mebibytes, number, percent, type Report, type Row } from "../report.js";
import type { StageResult } from "./run-stages.js";

export interface Origin {
  readonly machine: string;
  readonly commit: string;
  readonly date: string;
  readonly args: readonly string[];
}

interface Training {
  readonly steps: number;
  readonly elapsedMs: number;
  readonly reason: string;
  readonly best: { readonly step: number; readonly wrongPixels: number } | null;
  readonly baselines: {
    readonly threshold: { readonly wrongPixels: number } | null;
    readonly oneClass: number;
  };
}

type Profiles = Readonly<Record<"step" | "prediction", Profile>>;

/** Kernels of a profile that are shown. */
const SHOWN = 8;

/** Returns the text. `folder` has the files of the stages. */
export async function gpuReport(
  folder: string,
  { machine, commit, date, args }: Origin,
  stages: readonly StageResult[],
): Promise<string> {
  const read = async <T>(name: string): Promise<T | undefined> => {
    try {
      return JSON.parse(await readFile(`${folder}/${name}.json`, "utf8"));
    } catch {
      return undefined;
    }
  };
  const all = async <T>(prefix: string) => {
    const names = stages.map(({ name }) => name).filter((name) => name.startsWith(`${prefix}-`));
    const found = await Promise.all(
      names.map(async (name) => ({ name, value: await read<T>(name) })),
    );
    return found.flatMap(({ name, value }) => (value ? [{ name, value }] : []));
  };
  const adapter = await read<{ adapter: string; features: readonly string[] }>("adapter");
  const reports = {
    first: await all<Report>("first"),
    tuned: await all<Report>("tuned"),
    pytorch: await all<Report>("pytorch"),
    layers: await all<Report>("layers"),
  };
  const parts = [
    `# ${adapter?.adapter ?? "Unknown adapter"}`,
    [
      `${machine}; Micrograph ${commit}, ${date}.`,
      `Command: \`npm run bench:gpu${args.length > 0 ? ` -- ${args.join(" ")}` : ""}\`.`,
      ...(adapter ? [`Features: ${adapter.features.join(", ")}.`] : []),
    ].join("\n"),
    ...doctorPart(await read<Examination>("doctor")),
    ...speedPart(reports.first, reports.tuned, reports.pytorch),
    ...trainingPart(await read<Training>("training")),
    ...profilePart(await all<Profiles>("profile")),
    ...tunePart(await all<TuneResult>("tune")),
    ...layersPart(reports.layers),
    "## Stages",
    table(
      ["stage", "seconds", "state", "what"],
      stages.map((stage) => [
        stage.name,
        stage.seconds.toFixed(1),
        stage.problem ?? "done",
        stage.what,
      ]),
    ),
    "Each stage has its files in this folder, `NAME.log` and `NAME.json`. To help Micrograph, attach the folder to an issue.",
  ];
  return `${parts.join("\n\n")}\n`;
}

type Named<T> = { readonly name: string; readonly value: T };

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "/").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function doctorPart(examination: Examination | undefined): string[] {
  if (!examination) return [];
  const { hazards, avoided, unusable, elapsedMs } = examination;
  const kernels = kernelSummaries(examination);
  const worst = kernels.reduce((most, one) => Math.max(most, one.worst), 0);
  return [
    "## Doctor",
    `${verdictOf(examination)} ${kernels.length} kernels in ${(elapsedMs / 1000).toFixed(1)} s; the largest error is ${percent(worst)} of its tolerance.`,
    ...Object.entries(avoided).map(([kernel, problem]) => `- ${kernel}: ${problem}`),
    ...unusable.map((problem) => `- ${problem}`),
    table(
      ["what drivers are known to get wrong", "", "seen"],
      hazards.map(({ name, verdict, detail }) => [name, verdict, detail]),
    ),
  ];
}

/** One row per size and kind of work. */
function speedPart(
  first: readonly Named<Report>[],
  tuned: readonly Named<Report>[],
  pytorch: readonly Named<Report>[],
): string[] {
  const rowsOf = (reports: readonly Named<Report>[]) => reports.flatMap(({ value }) => value.rows);
  const find = (reports: readonly Named<Report>[], like: Row, engine: string) =>
    rowsOf(reports).find(
      (row) =>
        row.engine === engine &&
        row.work === like.work &&
        row.width === like.width &&
        row.tile === like.tile,
    );
  const ms = (row: Row | undefined) => (row ? number(row.medianMs) : "");
  const known = new Map<string, Row>();
  for (const row of [...rowsOf(first), ...rowsOf(tuned)]) {
    const key = `${row.work} ${row.width} ${row.tile}`;
    if (row.engine === "micrograph" && !known.has(key)) known.set(key, row);
  }
  if (known.size === 0) return [];
  const rows = [...known.values()].sort((a, b) => b.work.localeCompare(a.work));
  const peak = Math.max(...[...first, ...tuned].map(({ value }) => value.peakGflops));
  return [
    "## Speed",
    `Median times in milliseconds. Peak: ${number(peak)} GFLOP/s of multiply-adds in registers. PyTorch computes in 32 bits.`,
    table(
      [
        ...["work", "width", "tile", "first choice", "tuned", "GFLOP/s", "of peak"],
        ...["peak MiB", "PyTorch, its GPU", "PyTorch, processor"],
      ],
      rows.map((row) => {
        const best = find(tuned, row, "micrograph") ?? row;
        return [
          ...[row.work, `${row.width}`, `${row.tile}`],
          ...[ms(find(first, row, "micrograph")), ms(find(tuned, row, "micrograph"))],
          ...[number(best.gflops), percent(best.gflops / peak), mebibytes(best.peakBytes)],
          ...[ms(find(pytorch, row, "pytorch-gpu")), ms(find(pytorch, row, "pytorch"))],
        ];
      }),
    ),
    ...remarksOf([...first, ...tuned, ...pytorch]),
  ];
}

function remarksOf(reports: readonly Named<Report>[]): string[] {
  const remarks = reports.flatMap(({ name, value }) =>
    value.remarks.map((remark) => `- ${name}: ${remark}`),
  );
  return remarks.length > 0 ? [remarks.join("\n")] : [];
}

function trainingPart(training: Training | undefined): string[] {
  if (!training) return [];
  const { steps, elapsedMs, best, baselines, reason } = training;
  const wrong = (share: number) => `${(100 * share).toFixed(1)} % wrong pixels`;
  const each = steps > 0 ? `, ${number(elapsedMs / steps)} ms each` : "";
  const found = best ? `${wrong(best.wrongPixels)} at step ${best.step}` : "no validation";
  const threshold = baselines.threshold
    ? `; the best threshold: ${wrong(baselines.threshold.wrongPixels)}`
    : "";
  return [
    "## Training by the preset paper",
    `${steps} steps in ${(elapsedMs / 1000).toFixed(0)} s (ended by ${reason})${each}: ${found}${threshold}. See training/report.html.`,
  ];
}

function profilePart(profiles: readonly Named<Profiles>[]): string[] {
  if (profiles.length === 0) return [];
  const tables = profiles.flatMap(({ name, value }) => {
    const { step } = value;
    const rows = step.kernels
      .slice(0, SHOWN)
      .map((row) => [
        ...[row.name, `${row.dispatches}`, number(row.ms), percent(row.share)],
        ...[
          row.gflops > 0 ? number(row.gflops) : "",
          row.gflops > 0 ? percent(row.shareOfPeak) : "",
        ],
        number(row.gigabytesPerSecond),
      ]);
    return [
      `${name.replace("profile-", "")}: ${number(step.ms)} ms on the GPU, ${percent(step.shareOfPeak)} of the peak (${step.method}). Whole: \`${name}.txt\`.`,
      table(["kernel", "calls", "ms", "of step", "GFLOP/s", "of peak", "GB/s"], rows),
    ];
  });
  return ["## Where the time of a step goes", ...tables];
}

function tunePart(results: readonly Named<TuneResult>[]): string[] {
  if (results.length === 0) return [];
  const changed = new Map<string, string>();
  for (const { value } of results) {
    for (const { key, default: usual, winner, candidates } of value.layers) {
      const msOf = (kernel: string) => candidates.find((one) => one.kernel === kernel)?.ms;
      const [before, after] = [msOf(usual), msOf(winner)];
      if (winner === usual || before === undefined || after === undefined) continue;
      const layer = key.replace(/ \{[^}]*\}/, "");
      changed.set(layer, `${usual} ${number(before)} ms, ${winner} ${number(after)} ms`);
    }
  }
  const dropped = results.flatMap(({ value }) =>
    value.layers.flatMap(({ node, candidates }) =>
      candidates.flatMap((one) =>
        one.dropped === undefined
          ? []
          : [`- ${node}: ${one.kernel}: ${one.dropped.split("\n")[0]}`],
      ),
    ),
  );
  const summary = results.map(({ name, value }) => {
    const other = value.layers.filter((layer) => layer.winner !== layer.default).length;
    const size = name.replace("tune-", "");
    const left = value.leftOut > 0 ? `, no time for ${value.leftOut}` : "";
    return `- ${size}: ${value.layers.length} layers, ${other} with another kernel${left}`;
  });
  return [
    "## Tuner",
    summary.join("\n"),
    ...(changed.size > 0
      ? [
          table(
            ["layer", "first choice and winner"],
            [...changed].map((pair) => [...pair]),
          ),
        ]
      : []),
    ...(dropped.length > 0 ? [`Dropped:\n\n${[...new Set(dropped)].join("\n")}`] : []),
  ];
}

function layersPart(reports: readonly Named<Report>[]): string[] {
  if (reports.length === 0) return [];
  const tables = reports.flatMap(({ name, value }) => [
    name.replace("layers-", ""),
    table(
      ["layer", "ms", "GFLOP/s", "of peak"],
      value.rows.map((row) => [
        ...[row.work, number(row.medianMs)],
        ...[row.gflops > 0 ? number(row.gflops) : "", percent(row.shareOfPeak)],
      ]),
    ),
    ...remarksOf([{ name, value }]),
  ]);
  return ["## Layers", ...tables];
}
