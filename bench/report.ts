// Rows of results, as CONTRACT's JSON and as a table for people.

import type { Times } from "./measure.js";

export interface Row {
  /** "step", "predict", "start cold", or a layer. */
  readonly work: string;
  readonly engine: string;
  readonly width: number;
  readonly tile: number;
  readonly medianMs: number;
  readonly minMs: number;
  /** By the direct method and the median; 0 where nothing is multiplied. */
  readonly gflops: number;
  readonly maxMs?: number;
  readonly count?: number;
  /** GFLOP/s over P of the same run. */
  readonly shareOfPeak?: number;
  readonly peakBytes?: number;
  /** The largest relative difference from Micrograph's results, compared before timing. */
  readonly difference?: number;
}

export interface Report {
  readonly adapter: string;
  /** P: GFLOP/s of multiply-adds in registers, the most that was seen during the run. */
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

/** The rows, each other engine's beside Micrograph's time for the same work. */
export function tableOf({ rows, peakGflops }: Report): string {
  const own = new Map(
    rows.filter(({ engine }) => engine === "micrograph").map((row) => [keyOf(row), row]),
  );
  const head = ["work", "width", "tile", "engine", "median ms", "min", "max", "GFLOP/s"];
  const lines = [[...head, "of P", "MiB", "differs by", "micrograph is"]];
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
      row.shareOfPeak === undefined ? "" : `${(100 * row.shareOfPeak).toFixed(0)} %`,
      row.peakBytes === undefined ? "" : number(row.peakBytes / 2 ** 20),
      row.difference === undefined ? "" : row.difference.toExponential(1),
      ratio,
    ]);
  }
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const isText = (i: number) => i === 0 || i === 3 || i === 11;
  const text = lines.map((line) =>
    line
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  return `P = ${number(peakGflops)} GFLOP/s of multiply-adds alone\n\n${text.join("\n")}`;
}

const keyOf = ({ work, width, tile }: Row) => `${work} ${width} ${tile}`;

const number = (value: number) =>
  value >= 1000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);
