// The two logs of a run folder: `metrics.csv`, a row per step, and `events.jsonl`, a JSON object
// per event except single steps. Both are appended to; a resumed run first drops what follows its
// checkpoint, so that no step appears twice.

import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingEvent } from "../train/training-types.js";
import type { LossHistory } from "./loss-chart.js";
import { explainReason, writeFileAtomic } from "./run-files.js";

const COLUMNS = [
  "step",
  "loss",
  "images_per_second",
  "validation_loss",
  "wrong_pixels",
  "learning_rate",
  "wait_ms",
  "iou",
  "dice",
  "v_rand",
  "v_info",
] as const;
/** Further ones of runs that judge single cells. */
const CELL_COLUMNS = ["ap50", "count_error", "separation", "cell_threshold"] as const;
/** Of the gradients after a validation; last, so that the others keep their places. */
const HEALTH_COLUMNS = ["gradient_norm", "dead", "not_finite"] as const;
type Column = (typeof COLUMNS | typeof CELL_COLUMNS | typeof HEALTH_COLUMNS)[number];
type Row = Partial<Record<Column, number>>;

/** The open logs of a run. */
export interface RunLog {
  add(event: TrainingEvent): Promise<void>;
  /** Writes the rows that still wait for further figures of their step. */
  flush(): Promise<void>;
  /** Returns the losses so far, including earlier parts of a resumed run. */
  history(title: string): LossHistory;
}

/** What the logs of a run depend on. */
export interface RunLogOptions {
  /** The step after which a resumed run continues; a new run has none. */
  readonly after?: number | undefined;
  /** Whether single cells are judged. */
  readonly ofCells: boolean;
}

/** Opens the logs in `folder`: new ones, or those of a run that continues. */
export async function openRunLog(
  folder: string,
  { after, ofCells }: RunLogOptions,
): Promise<RunLog> {
  const columns: readonly Column[] = [
    ...COLUMNS,
    ...(ofCells ? CELL_COLUMNS : []),
    ...HEALTH_COLUMNS,
  ];
  const formatted = (row: Row) => columns.map((name) => formatCell(row[name])).join(",");
  const metrics = join(folder, "metrics.csv");
  const events = join(folder, "events.jsonl");
  const written = after === undefined ? [] : await keepRows(metrics, after);
  if (after === undefined) await writeFileAtomic(events, "");
  else await keepEvents(events, after);
  await writeFileAtomic(metrics, csv([columns.join(","), ...written.map(formatted)]));
  const rows = new Map<number, Row>(written.map((row) => [row.step as number, row]));
  let waiting = new Set<number>();

  const write = async (steps: readonly number[]) => {
    if (steps.length === 0) return;
    const lines = steps.map((step) => formatted(rows.get(step) as Row));
    waiting = new Set([...waiting].filter((step) => !steps.includes(step)));
    await append(metrics, csv(lines));
  };
  const pending = () => [...waiting].sort((a, b) => a - b);
  const set = (step: number, figures: Row) => {
    rows.set(step, { ...rows.get(step), step, ...figures });
    waiting.add(step);
  };
  return {
    async add(event) {
      addFigures(event, set);
      if (event.type === "step") return;
      const time = new Date().toISOString();
      await append(events, `${JSON.stringify({ time, ...event })}\n`);
      // The newest row waits: its validation figures may follow.
      await write(pending().slice(0, -1));
      if (event.type === "end") await write(pending());
    },
    flush: () => write(pending()),
    history: (title) => toHistory(title, rows.values()),
  };
}

/** `dead` is the share of the layer that has most. */
function addFigures(event: TrainingEvent, set: (step: number, figures: Row) => void): void {
  if (event.type === "step") {
    set(event.step, { loss: event.loss, learning_rate: event.learningRate });
  }
  if (event.type === "progress") {
    set(event.step, { images_per_second: event.imagesPerSecond, wait_ms: event.waitMs });
  }
  if (event.type === "health") {
    const { gradientNorm, layers } = event;
    const not_finite = layers.reduce((sum, { notFinite }) => sum + notFinite, 0);
    const dead = Math.max(0, ...layers.map((layer) => layer.dead ?? 0));
    set(event.step, { gradient_norm: gradientNorm, dead, not_finite });
  }
  if (event.type === "validation") {
    const { loss, wrongPixels, iou, dice, vRand, vInfo, ap50, countError } = event;
    const { separation, cellThreshold: cell_threshold } = event;
    const cells = { ap50, count_error: countError, separation, cell_threshold };
    const objects = { v_rand: vRand, v_info: vInfo, ...cells };
    set(event.step, { validation_loss: loss, wrong_pixels: wrongPixels, iou, dice, ...objects });
  }
}

function toHistory(title: string, rows: Iterable<Row>): LossHistory {
  const sorted = [...rows].sort((a, b) => (a.step as number) - (b.step as number));
  const training = [];
  const validation = [];
  for (const row of sorted) {
    const step = row.step as number;
    if (row.loss !== undefined) training.push({ step, loss: row.loss });
    if (row.validation_loss !== undefined) {
      const wrongPixels = row.wrong_pixels ?? Number.NaN;
      validation.push({ step, loss: row.validation_loss, wrongPixels });
    }
  }
  return { title, training, validation };
}

async function keepRows(path: string, after: number): Promise<Row[]> {
  const rows = new Map<number, Row>();
  const [head, ...lines] = (await readText(path)).split(/\r?\n/);
  const columns = head.split(","); // older runs have fewer
  for (const line of lines) {
    const cells = line.split(",");
    // A crash may have left half a line.
    if (cells.length !== columns.length) continue;
    const row = Object.fromEntries(
      columns.map((name, i) => [name, cells[i] === "" ? undefined : Number(cells[i])]),
    ) as Row;
    if (row.step === undefined || !(row.step <= after)) continue;
    const known = Object.entries(row).filter(([, value]) => value !== undefined);
    rows.set(row.step, { ...rows.get(row.step), ...Object.fromEntries(known) });
  }
  return [...rows.values()].sort((a, b) => (a.step as number) - (b.step as number));
}

async function keepEvents(path: string, after: number): Promise<void> {
  const kept = (await readText(path)).split(/\r?\n/).filter((line) => {
    try {
      const { step, result } = JSON.parse(line);
      return (step ?? result?.steps ?? 0) <= after;
    } catch {
      return false;
    }
  });
  await writeFileAtomic(path, csv(kept));
}

/** Seven significant digits, the precision of a 32-bit number; nothing if the step has no such figure. */
function formatCell(value: number | undefined): string {
  return value === undefined ? "" : String(Number(value.toPrecision(7)));
}

function csv(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** A log that is missing in a resumed run's folder starts empty. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new Error(`${path}: cannot be read: ${explainReason(error)}`, { cause: error });
  }
}

async function append(path: string, text: string): Promise<void> {
  try {
    await appendFile(path, text);
  } catch (error) {
    throw new Error(`${path}: cannot be written: ${explainReason(error)}`, { cause: error });
  }
}
