// Reads a run folder: configuration, figures by step, validations, the end.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingEvent } from "../../train/training-types.js";
import { type ReadRunOptions, type RunConfig, readRunConfig } from "../run-folder.js";
import type { Chart, Curve, Point } from "./chart.js";

/** As logged: with the time at which it came. */
type Timed = Partial<TrainingEvent & { readonly time: string }> | undefined;

/** The events of one type. */
export type EventOf<Type> = TrainingEvent & { readonly type: Type };

/** What a run folder says of its run. */
export interface RunRecord {
  /** As `config.json` has it. */
  readonly config: RunConfig;
  /** Columns of `metrics.csv` by name: the steps at which they have a value. */
  readonly columns: ReadonlyMap<string, readonly Point[]>;
  /** The first event, if the run came so far. */
  readonly start: EventOf<"start"> | undefined;
  /** The validations, in order. */
  readonly validations: readonly EventOf<"validation">[];
  /** Undefined while the run continues, or if it was killed. */
  readonly end: EventOf<"end">["result"] | undefined;
  /** Milliseconds from the last start to the last event. */
  readonly lastedMs: number;
  /** Steps done. */
  readonly steps: number;
}

/** Reads a run folder. Throws one line if it contains no run. */
export async function readRunRecord(folder: string, options?: ReadRunOptions): Promise<RunRecord> {
  const config = await readRunConfig(folder, options);
  const columns = columnsOf(await readText(join(folder, "metrics.csv")));
  const events = (await readText(join(folder, "events.jsonl"))).split(/\r?\n/).flatMap(eventOf);
  const last = <Type extends TrainingEvent["type"]>(type: Type) =>
    events.findLast((event): event is EventOf<Type> => event.type === type);
  const end = last("end")?.result;
  const steps = Math.max(
    0,
    end?.steps ?? 0,
    ...[...columns.values()].map((points) => points.at(-1)?.step ?? 0),
  );
  const start = last("start");
  const timeOf = (event: TrainingEvent | undefined) => Date.parse((event as Timed)?.time ?? "");
  return {
    config,
    columns,
    start,
    lastedMs: timeOf(events.at(-1)) - timeOf(start) || 0,
    validations: events.filter((event): event is EventOf<"validation"> => {
      return event.type === "validation";
    }),
    end,
    steps,
  };
}

/** Returns the validation of the best checkpoint, else the last one. */
export function shownValidation({ validations }: RunRecord): EventOf<"validation"> | undefined {
  return validations.findLast(({ best }) => best) ?? validations.at(-1);
}

/** Columns of training steps; the others belong to validations. */
const EACH_STEP = ["learning_rate", "images_per_second", "wait_ms"];

/** Columns of the gradients after a validation; without a chart while they do not change. */
const HEALTH = ["gradient_norm", "dead", "not_finite"];

/** Columns that charts show in percent. */
const SHARES = ["wrong_pixels", "count_error", "dead"];

/** Usual names of figures. */
const NAMES: Readonly<Record<string, string>> = {
  iou: "IoU",
  v_rand: "V_rand",
  v_info: "V_info",
  ap50: "AP50 of single cells",
  count_error: "Count of single cells: error",
  separation: "Separation (px)",
  cell_threshold: "Threshold of cells",
  gradient_norm: "Norm of the gradients",
  dead: "Dead channels in the layer with most",
  not_finite: "Gradients that are NaN or infinite",
};

/**
 * Returns the charts of a run: losses, then each further figure that changes in a separate chart.
 */
export function chartsOf({ columns }: RunRecord): Chart[] {
  const curve = (column: string, name: string, kind: Curve["kind"]): Curve[] => {
    const points = (columns.get(column) ?? []).filter(({ value }) => Number.isFinite(value));
    return points.length > 0 ? [{ name, points, kind }] : [];
  };
  const losses = [
    ...curve("loss", "training (pale: each step)", "noisy"),
    ...curve("validation_loss", "held-out images", "marked"),
  ];
  const charts: Chart[] =
    losses.length > 0 ? [{ title: "Loss", unit: "loss", curves: losses }] : [];
  for (const column of columns.keys()) {
    if (["step", "loss", "validation_loss"].includes(column)) continue;
    const words = `${column[0].toUpperCase()}${column.slice(1).replaceAll("_", " ")}`;
    const title = NAMES[column] ?? words;
    const kind = EACH_STEP.includes(column) ? "line" : "marked";
    const isHealth = HEALTH.includes(column);
    const seen = isHealth ? "after a validation" : "held-out images";
    const curves = curve(column, kind === "line" ? "each step" : seen, kind);
    const isConstant = new Set(curves[0]?.points.map(({ value }) => value)).size < 2;
    if (curves.length === 0 || ((kind === "line" || isHealth) && isConstant)) continue;
    charts.push({ title, unit: title, curves, isShare: SHARES.includes(column) });
  }
  return charts.map((chart, i) => ({ ...chart, isWide: i === 0 && charts.length % 2 === 1 }));
}

function columnsOf(csv: string): Map<string, Point[]> {
  const [head = "", ...lines] = csv.split(/\r?\n/);
  const names = head.split(",");
  const at = names.indexOf("step");
  if (at < 0) return new Map();
  const columns = new Map<string, Point[]>(names.map((name) => [name, []]));
  // A run that was killed may have left half a line.
  for (const cells of lines.map((line) => line.split(","))) {
    if (cells.length !== names.length) continue;
    for (const [i, name] of names.entries()) {
      if (cells[i] !== "") {
        columns.get(name)?.push({ step: Number(cells[at]), value: Number(cells[i]) });
      }
    }
  }
  return columns;
}

function eventOf(line: string): TrainingEvent[] {
  try {
    const event = JSON.parse(line);
    return typeof event?.type === "string" ? [event] : [];
  } catch {
    return [];
  }
}

/** Returns the text of a log, empty if it is missing. */
async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
