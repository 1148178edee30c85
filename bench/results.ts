// The tables of RESULTS.md, and the rows of a report for each.

import { mebibytes, number, percent, type Report, type Row } from "./report.js";

export interface ResultTable {
  /** The head line of the table in RESULTS.md, by which it is found. */
  readonly head: string;
  rowsOf(report: Report): string[];
}

type Cells = Readonly<Record<string, string>>;

const ORIGIN = ["machine", "adapter", "driver", "commit", "date", "peak"];

/** Returns cells by column for each of Micrograph's rows that `isOf` chooses. */
function table(
  columns: readonly string[],
  isOf: (row: Row) => boolean,
  cellsOf: (row: Row, otherOf: (engine: string) => Row | undefined) => Cells,
): ResultTable {
  const all = [...ORIGIN, ...columns];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return {
    head: line(all),
    rowsOf(report) {
      const { machine, device, driver, commit, date, peakGflops } = report;
      const peak = peakGflops.toFixed(0);
      const origin: Cells = { machine, adapter: device, driver, commit, date, peak };
      const own = report.rows.filter((row) => row.engine === "micrograph" && isOf(row));
      return own.map((row) => {
        const otherOf = (engine: string) => {
          return report.rows.find((other) => other.engine === engine && isSameWork(other, row));
        };
        const cells = { ...origin, ...cellsOf(row, otherOf) };
        return line(all.map((column) => cells[column].replaceAll("|", "/")));
      });
    },
  };
}

const isSameWork = (a: Row, b: Row) =>
  a.work === b.work && a.width === b.width && a.tile === b.tile;

/** Milliseconds, or seconds from one on. */
const time = ({ medianMs }: Row) =>
  medianMs < 1000 ? `${number(medianMs)} ms` : `${number(medianMs / 1000)} s`;

const sizeOf = ({ width, tile }: Row): Cells => ({ width: `${width}`, tile: `${tile}` });

const speedOf = (row: Row): Cells => ({
  time: time(row),
  "GFLOP/s": row.gflops > 0 ? number(row.gflops) : "",
  "of peak": percent(row.shareOfPeak),
});

/** The time of another engine, and its ratio to Micrograph's. */
function beside(row: Row, engine: string, other: Row | undefined): Cells {
  if (!other) return { [engine]: "", [`${engine} takes`]: "" };
  const ratio = number(other.medianMs / row.medianMs);
  return { [engine]: time(other), [`${engine} takes`]: `${ratio} x` };
}

const SIZE = ["width", "tile"];
const SPEED = ["time", "GFLOP/s", "of peak"];
const columnsBeside = (engine: string) => [engine, `${engine} takes`];
const TFJS_AND_JAX = [...columnsBeside("tfjs"), ...columnsBeside("jax-js")];

function besideTfjsAndJax(row: Row, otherOf: (engine: string) => Row | undefined): Cells {
  const tfjs = beside(row, "tfjs", otherOf("tfjs"));
  return { ...tfjs, ...beside(row, "jax-js", otherOf("jax-js")) };
}

const step = table(
  [...SIZE, ...SPEED, ...TFJS_AND_JAX, "peak MiB", "tfjs MiB", "jax-js MiB"],
  ({ work }) => work === "step",
  (row, otherOf) => ({
    ...sizeOf(row),
    ...speedOf(row),
    ...besideTfjsAndJax(row, otherOf),
    "peak MiB": mebibytes(row.peakBytes),
    "tfjs MiB": mebibytes(otherOf("tfjs")?.peakBytes),
    "jax-js MiB": mebibytes(otherOf("jax-js")?.peakBytes),
  }),
);

const predict = table(
  [...SIZE, ...SPEED, ...TFJS_AND_JAX, ...columnsBeside("onnxruntime")],
  ({ work }) => work === "predict",
  (row, otherOf) => ({
    ...sizeOf(row),
    ...speedOf(row),
    ...besideTfjsAndJax(row, otherOf),
    ...beside(row, "onnxruntime", otherOf("onnxruntime")),
  }),
);

const start = table(
  ["cache", ...SIZE, "time", ...TFJS_AND_JAX],
  ({ work }) => work.startsWith("start "),
  (row, otherOf) => ({
    cache: row.work.slice("start ".length),
    ...sizeOf(row),
    time: time(row),
    ...besideTfjsAndJax(row, otherOf),
  }),
);

const growth = table(
  [...SIZE, ...SPEED, "of tile 284's", "plan MiB", "least MiB", "peak MiB"],
  ({ work }) => work === "growth" || work === "widths",
  (row) => ({
    ...sizeOf(row),
    ...speedOf(row),
    "of tile 284's": percent(row.gflopsOfTile284),
    "plan MiB": mebibytes(row.planBytes),
    "least MiB": mebibytes(row.liveBytes),
    "peak MiB": mebibytes(row.peakBytes),
  }),
);

const large = table(
  ["width", "side", "time", "Mpixel/s", "peak MiB"],
  ({ work }) => work === "large",
  (row) => ({
    width: `${row.width}`,
    side: `${row.tile}`,
    time: time(row),
    "Mpixel/s": number(row.megapixelsPerSecond ?? 0),
    "peak MiB": mebibytes(row.peakBytes),
  }),
);

const isWhole = (work: string) => /^(step|predict|growth|widths|large|start .*)$/.test(work);

const layers = table(
  ["layer", ...SPEED, ...TFJS_AND_JAX],
  ({ work }) => !isWhole(work),
  (row, otherOf) => ({
    layer: row.work,
    ...speedOf(row),
    ...besideTfjsAndJax(row, otherOf),
  }),
);

export const RESULT_TABLES: readonly ResultTable[] = [step, predict, start, growth, large, layers];

/**
 * Returns RESULTS.md with the rows of a report, each at the end of its table, and the new rows.
 * Throws if a table is missing.
 */
export function withResults(page: string, report: Report): { page: string; added: string[] } {
  const lines = page.split("\n");
  const added: string[] = [];
  for (const { head, rowsOf } of RESULT_TABLES) {
    const rows = rowsOf(report).filter((row) => !lines.includes(row));
    if (rows.length === 0) continue;
    const first = lines.indexOf(head);
    if (first < 0) throw new Error(`there is no table with the head ${head}`);
    let end = first;
    while (lines[end]?.startsWith("|")) end++;
    lines.splice(end, 0, ...rows);
    added.push(...rows);
  }
  return { page: lines.join("\n"), added };
}
