// The sections of a report that need only the run folder.

import { chartHtml, figure } from "./chart.js";
import { type Cell, escapeHtml, listHtml, type Section, tableHtml } from "./html.js";
import { chartsOf, type RunRecord, shownValidation } from "./run-record.js";

export function summaryHtml(record: RunRecord, remarks: readonly string[]): string {
  const shown = shownValidation(record);
  const { end, start } = record;
  const ends = {
    steps: "all steps done",
    time: "time budget used up",
    patience: "no better figure for a long time",
    aborted: "interrupted, saved",
  };
  const entries: [string, string, string][] = [];
  if (shown) {
    const what = shown.best ? `best, at step ${grouped(shown.step)}` : `at step ${shown.step}`;
    entries.push(["Wrong pixels, held out", share(shown.wrongPixels), what]);
    entries.push(["Validation loss", number(shown.loss), what]);
    if (shown.ap50 !== undefined) {
      entries.push(["AP50 of single cells, held out", number(shown.ap50), what]);
      entries.push(["Error of the cell count", share(shown.countError), what]);
    }
  }
  const skipped = end?.skippedSteps ? `, ${grouped(end.skippedSteps)} skipped (overflow)` : "";
  const state = end ? ends[end.reason] + skipped : "not ended";
  entries.push([
    "Steps",
    grouped(record.steps),
    `of ${grouped(record.config.config.steps)}: ${state}`,
  ]);
  if (end) entries.push(["Time", minutes(end.elapsedMs), "with validations"]);
  if (start) entries.push(["Parameters", grouped(start.parameterCount), "weights and biases"]);
  const tiles = entries.map(
    ([name, value, more]) =>
      `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)} <small>${escapeHtml(more)}</small></dd></div>`,
  );
  const notes = remarks.map((remark) => `<p class="note gap">${escapeHtml(remark)}</p>`);
  return `<dl class="numbers">${tiles.join("")}</dl>\n${notes.join("\n")}`;
}

export function commandSection({ config }: RunRecord): Section {
  return {
    id: "command",
    title: "Command",
    html: `<pre><code>${escapeHtml(config.command)}</code></pre>${
      config.from
        ? listHtml([["Started from the weights of", config.from.checkpoint]], "plain")
        : ""
    }`,
  };
}

export function curveSection(record: RunRecord): Section | undefined {
  const charts = chartsOf(record);
  if (charts.length === 0) return undefined;
  const figures = charts.map((chart, i) => chartHtml(chart, `curve-${i}`));
  return {
    id: "curves",
    title: "Curves",
    html: `<div class="charts">${figures.join("\n")}</div>`,
  };
}

/** Lists the figures of each held-out image, for all figures of the run. */
export function imageSection(record: RunRecord): Section | undefined {
  const shown = shownValidation(record);
  if (!shown) return undefined;
  const rows = [...shown.images].sort((a, b) => b.wrongPixels - a.wrongPixels);
  const figures = [...rows, shown].map((row) => new Map<string, unknown>(Object.entries(row)));
  const keys = [...new Set(figures.slice(0, -1).flatMap((row) => [...row.keys()]))].filter((key) =>
    figures.some((row) => typeof row.get(key) === "number"),
  );
  const table = figures.map((row, i): Cell[] => [
    rows[i]?.name ?? "all together",
    ...keys.map((key) => (key === "wrongPixels" ? share : number)(row.get(key))),
  ]);
  return {
    id: "images",
    title: "Figures of each image",
    lead: `At step ${grouped(shown.step)}, the checkpoint ${shown.best ? "best" : "last"}.safetensors.`,
    html: tableHtml("Figures of each image", ["Image", ...keys.map(words)], table),
  };
}

export function configurationSection({ config }: RunRecord): Section {
  const entries = (object: object, group = ""): [string, string][] =>
    Object.entries(object)
      .filter(([, value]) => value !== undefined && value !== null)
      .flatMap(([key, value]): [string, string][] =>
        typeof value === "object" && !Array.isArray(value)
          ? entries(value, `${words(key)}: `)
          : [[group ? group + words(key).toLowerCase() : words(key), valueText(value)]],
      );
  return {
    id: "configuration",
    title: "Configuration",
    html: listHtml([config.model, config.task ?? {}, config.config].flatMap((one) => entries(one))),
  };
}

export function machineSection({ config, start }: RunRecord): Section {
  const kernels = Object.entries(config.kernels ?? {});
  const facts: [string, string][] = [
    ["Adapter", config.adapter],
    ["Micrograph", config.micrograph],
    ["Node, of this page", process.version],
  ];
  if (start) {
    facts.push(
      ["Compute pipelines", grouped(start.pipelines)],
      ["Dispatches per step", grouped(start.dispatches)],
      ["GPU memory of a step", `${(start.planBytes / 2 ** 20).toFixed(1)} MiB`],
      ["Ready after", `${(start.readyMs / 1000).toFixed(1)} s`],
    );
  }
  const table =
    kernels.length === 0
      ? '<p class="note gap">Every layer ran the default kernel of this adapter.</p>'
      : `<div class="gap"></div>${tableHtml("Tuned kernels", ["Layer", "Kernel"], kernels)}`;
  return { id: "machine", title: "Machine and versions", html: `${listHtml(facts)}${table}` };
}

export const grouped = (value: number) => value.toLocaleString("en-US");
// JSON has no NaN: it was written as null.
export const number = (value: unknown) => (typeof value === "number" ? figure(value) : "–");
export const share = (value: unknown) => (typeof value === "number" ? figure(value, true) : "–");

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** Formats "learningRate" as "Learning rate". */
function words(key: string): string {
  const spaced = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("_", " ");
  return spaced[0].toUpperCase() + spaced.slice(1);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
