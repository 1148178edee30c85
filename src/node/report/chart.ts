// Charts of curves over steps as SVG in a page, with colours that follow its light or dark mode.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { smoothed, thin } from "../loss-chart.js";
import { escapeHtml } from "./html.js";

/** A point of a curve. */
export interface Point {
  /** Step of the run. */
  readonly step: number;
  /** The figure at that step. */
  readonly value: number;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  /** "noisy": each step pale, with its smoothed mean on top; "marked": a dot at each point. */
  readonly kind: "noisy" | "marked" | "line";
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly curves: readonly Curve[];
  /** Whether values are shown as percentages. */
  readonly isShare?: boolean | undefined;
  /** Whether it spans the width of the page. */
  readonly isWide?: boolean | undefined;
}

const COLOURS = { noisy: "var(--accent)", line: "var(--accent)", marked: "var(--mark)" } as const;
/** More points would not be distinguishable, but make the page large. */
const MOST_POINTS = 600;

/**
 * Returns a figure: title, legend, the curves, and a description of their first and last values.
 */
export function chartHtml(chart: Chart, id: string): string {
  const { title, curves } = chart;
  const legend = curves.map(
    ({ name, kind }) =>
      `<span class="key"><i style="background:${COLOURS[kind]}"></i>${escapeHtml(name)}</span>`,
  );
  return (
    `<figure><h3>${escapeHtml(title)}</h3><div class="legend">${legend.join("")}</div>` +
    `${chart.isWide ? chartSvg(chart, `${id}-large`, LARGE) : ""}` +
    `${chartSvg(chart, id, SMALL)}</figure>`
  );
}

/** A wide chart is included in two sizes: on a narrow screen its letters would be too small. */
const LARGE = { width: 1000, height: 320, ticks: 8 };
const SMALL = { width: 480, height: 230, ticks: 5 };

function chartSvg(chart: Chart, id: string, { width, height, ticks }: typeof LARGE): string {
  const { title, unit, curves, isShare, isWide } = chart;
  const shape = !isWide ? "curve" : width === LARGE.width ? "curve large" : "curve small";
  const values = curves.flatMap(({ points }) => points.map(({ value }) => value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // A logarithmic scale is better for a curve that spans more than a factor of eight.
  const isLog = low > 0 && high / low > 8;
  const { document } = parseHTML("<html><body></body></html>");
  const plot = Plot.plot({
    document: document as unknown as Document,
    className: "curve",
    width,
    height,
    marginLeft: 52,
    marginRight: 14,
    marginTop: 12,
    marginBottom: 38,
    x: {
      label: "step",
      labelArrow: "none",
      labelAnchor: "center",
      ticks,
      tickSize: 0,
      // Plot's own format would write a single step as 150.000000.
      tickFormat: (step: number) => step.toLocaleString("en-US"),
    },
    y: {
      label: null,
      type: isLog ? "log" : "linear",
      zero: !isLog,
      nice: true,
      ticks: isLog ? 4 : 5,
      tickSize: 0,
      tickFormat: (value: number) => tickText(value, isLog, isShare),
    },
    marks: [
      Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: isLog ? 4 : 5 }),
      ...curves.flatMap((curve) => marksOf(curve)),
    ],
  });
  const words = `${unit}: ${curves.map((curve) => summary(curve, isShare)).join("; ")}`;
  return plot.outerHTML
    .replace(/<style>[\s\S]*?<\/style>/, () => {
      return `<title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(words)}</desc>`;
    })
    .replace(/^<svg/, `<svg role="img" aria-labelledby="${id}-t ${id}-d"`)
    .replace(/ class="curve"/, ` class="${shape}"`)
    .replace(/ font-size="10" font-family="[^"]*"/, ' font-size="12"')
    .replace(/ fill="currentColor"/, ' fill="var(--soft)"');
}

function marksOf({ kind, points }: Curve): Plot.Markish[] {
  const stroke = COLOURS[kind];
  const channels = { x: "step", y: "value" };
  const line = (data: readonly Point[], options: Plot.LineOptions) =>
    Plot.line(data, { ...channels, stroke, ...options });
  if (kind === "line") return [line(thin(points, MOST_POINTS), { strokeWidth: 1.8 })];
  if (kind === "noisy") {
    const mean = smoothed(points.map(({ step, value }) => ({ step, loss: value })));
    return [
      line(thin(points, MOST_POINTS), { stroke: "var(--pale)", strokeWidth: 0.8 }),
      line(
        thin(mean, MOST_POINTS).map(({ step, loss }) => ({ step, value: loss })),
        { strokeWidth: 2 },
      ),
    ];
  }
  const shown = thin(points, MOST_POINTS);
  return [
    line(shown, { strokeWidth: 1.6 }),
    Plot.dot(shown, { ...channels, r: 2.6, fill: stroke }),
  ];
}

function summary({ name, points }: Curve, isShare?: boolean): string {
  const [first, last] = [points[0], points[points.length - 1]];
  const say = ({ step, value }: Point) => `${figure(value, isShare)} at step ${step}`;
  return `${name} from ${say(first)} to ${say(last)}`;
}

/** Formats a figure with three digits, or as percent. */
export function figure(value: number, isShare?: boolean): string {
  if (!Number.isFinite(value)) return "–";
  if (isShare) return `${(100 * value).toFixed(1)} %`;
  const large = Math.abs(value) >= 100 || value === 0;
  return large ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function tickText(value: number, isLog: boolean, isShare?: boolean): string {
  if (isLog && !/^[125]/.test(value.toExponential())) return "";
  return isShare
    ? `${Number((100 * value).toPrecision(3))} %`
    : String(Number(value.toPrecision(3)));
}
