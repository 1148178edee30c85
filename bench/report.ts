// Rows of results, as JSON (bench/README.md) and as a table for people.

import type { Times } from "./measure.js";

export interface Row {
  /** "step", "predict", "start cold", "start warm", "growth", "widths", "large", or a layer. */
  readonly work: string;
  readonly engine: string;
  readonly width: number;
  /** Side in pixels: of the tile, or of the large image. */
  readonly tile: number;
  readonly medianMs: number;
  readonly minMs: number;
  /** Of the direct method, for the median time; 0 if nothing is multiplied. */
  readonly gflops: number;
  readonly maxMs?: number;
  readonly count?: number;
  /** GFLOP/s divided by the peak of the same run. */
  readonly shareOfPeak?: number;
  /** GFLOP/s divided by those of the same width at tile 284 in the same run ("growth"). */
  readonly gflopsOfTile284?: number;
  /** Output pixels per second, divided by 10^6 ("large"). */
  readonly megapixelsPerSecond?: number;
  /** The most bytes alive on the GPU at once. */
  readonly peakBytes?: number;
  /** The bytes of the plan and its states. */
  readonly planBytes?: number;
  /** The lower bound of these: without what the sharing of buffers leaves unused. */
  readonly liveBytes?: number;
  /** The largest relative difference from the reference results compared before timing. */
  readonly difference?: number;
}

/** Where and with what a report was measured. */
export interface Provenance {
  /** The adapter's name as shown by `micrograph info`. */
  readonly adapter: string;
  /** The adapter's device. */
  readonly device: string;
  /** Driver and version, as described by the driver. */
  readonly driver: string;
  /** Cores, processor, system. */
  readonly machine: string;
  readonly node: string;
  /** Short hash, followed by "+" if files differ from it. */
  readonly commit: string;
  /** Date of the run in UTC: 2026-01-31. */
  readonly date: string;
  /** The options of the command. */
  readonly options: readonly string[];
}

export interface Report extends Provenance {
  /** The peak: GFLOP/s of multiply-adds in registers, the highest measured during the run. */
  readonly peakGflops: number;
  readonly rows: readonly Row[];
  /** What could not be measured, and why. */
  readonly remarks: readonly string[];
}

export function rowOf(
  work: string,
  engine: string,
  size: { readonly width: number; readonly tile: number },
  times: Times,
  multiplyAdds: number,
  more: Partial<Row> = {},
): Row {
  const gflops = (2 * multiplyAdds) / (times.medianMs * 1e6);
  return { work, engine, ...size, ...times, gflops, ...more };
}

/** Formats the rows, with each other engine's time next to Micrograph's for the same work. */
export function tableOf({ rows, peakGflops }: Pick<Report, "rows" | "peakGflops">): string {
  const own = new Map(
    rows.filter(({ engine }) => engine === "micrograph").map((row) => [keyOf(row), row]),
  );
  const head = ["work", "width", "tile", "engine", "median ms", "min", "max", "GFLOP/s"];
  const lines = [
    [...head, "of peak", "of 284", "Mpx/s", "plan MiB", "peak MiB", "differs by", "micrograph is"],
  ];
  for (const row of rows) {
    const mine = own.get(keyOf(row));
    const ratio = mine && mine !== row ? `${number(row.medianMs / mine.medianMs)} x as fast` : "";
    lines.push([
      row.work,
      `${row.width}`,
      `${row.tile}`,
      row.engine,
      number(row.medianMs),
      number(row.minMs),
      row.maxMs === undefined ? "" : number(row.maxMs),
      row.gflops > 0 ? number(row.gflops) : "",
      percent(row.shareOfPeak),
      percent(row.gflopsOfTile284),
      row.megapixelsPerSecond === undefined ? "" : number(row.megapixelsPerSecond),
      mebibytes(row.planBytes),
      mebibytes(row.peakBytes),
      row.difference === undefined ? "" : row.difference.toExponential(1),
      ratio,
    ]);
  }
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const isText = (i: number) => i === 0 || i === 3 || i === 14;
  const text = lines.map((line) =>
    line
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  return `peak: ${number(peakGflops)} GFLOP/s of multiply-adds only\n\n${text.join("\n")}`;
}

const keyOf = ({ work, width, tile }: Row) => `${work} ${width} ${tile}`;

/** Formats about three digits. */
export const number = (value: number) =>
  value >= 1000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);

export const percent = (share?: number) =>
  share === undefined ? "" : `${(100 * share).toFixed(0)} %`;

export const mebibytes = (bytes?: number) => (bytes === undefined ? "" : number(bytes / 2 ** 20));
