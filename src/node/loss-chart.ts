// The loss curve of a run as a self-contained SVG file.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** The data of the chart; a run folder's `metrics.csv` has the same numbers. */
export interface LossHistory {
  readonly title: string;
  /** Training loss of single steps, by ascending step. */
  readonly training: readonly { readonly step: number; readonly loss: number }[];
  readonly validation: readonly {
    readonly step: number;
    readonly loss: number;
    readonly wrongPixels: number;
  }[];
}

const BLUE = "#2a6fb0";
const ORANGE = "#d1600a";
const INK = "#333333";
/** More points would not be distinguishable in the picture, but make its file large. */
const MAX_POINTS = 1500;

/** Returns the chart as a self-contained SVG file: white background, no external styles or fonts. */
export function lossChart(history: LossHistory): string {
  const training = thin(history.training.filter(isPositive));
  const validation = history.validation.filter(isPositive);
  const smooth = smoothed(history.training.filter(isPositive));
  const losses = [...training, ...validation].map(({ loss }) => loss);
  const lowest = Math.min(...losses);
  const highest = Math.max(...losses);
  // A logarithmic scale is better for losses that span more than a factor of eight.
  const logarithmic = losses.length > 1 && highest / lowest > 8;
  const { document } = parseHTML("<html><body></body></html>");
  const best = validation.reduce<(typeof validation)[number] | undefined>(
    (found, point) => (found && found.loss <= point.loss ? found : point),
    undefined,
  );
  const plot = Plot.plot({
    document: document as unknown as Document,
    className: "micrograph-loss",
    width: 860,
    height: 460,
    marginLeft: 62,
    marginRight: 24,
    marginTop: 78,
    marginBottom: 50,
    x: { label: "step", labelArrow: "none", labelAnchor: "center", tickFormat: ",d", ticks: 8 },
    y: {
      label: logarithmic ? "loss (log scale)" : "loss",
      labelArrow: "none",
      labelAnchor: "center",
      type: logarithmic ? "log" : "linear",
      zero: !logarithmic,
      nice: !logarithmic,
      grid: true,
      ...(logarithmic ? { tickFormat: formatTick } : {}),
    },
    marks: [
      Plot.line(training, { x: "step", y: "loss", stroke: BLUE, strokeOpacity: 0.28 }),
      Plot.line(smooth, { x: "step", y: "loss", stroke: BLUE, strokeWidth: 2.2 }),
      Plot.line(validation, { x: "step", y: "loss", stroke: ORANGE, strokeWidth: 1.2 }),
      Plot.dot(validation, { x: "step", y: "loss", r: 3, fill: ORANGE }),
      ...(best ? bestMarks(best) : []),
    ],
  });
  return standAlone(plot.outerHTML, history, best !== undefined);
}

function bestMarks(best: { step: number; loss: number; wrongPixels: number }): Plot.Markish[] {
  return [
    Plot.dot([best], { x: "step", y: "loss", r: 6, stroke: ORANGE, strokeWidth: 1.8 }),
    Plot.text([best], {
      x: "step",
      y: "loss",
      text: () => `best: ${(100 * best.wrongPixels).toFixed(1)} % wrong pixels`,
      dy: 18,
      // The best is often the last: right-aligned, so that the text stays inside the frame.
      textAnchor: "end",
      fontSize: 12,
      fill: ORANGE,
      stroke: "white",
      strokeWidth: 4,
    }),
  ];
}

/** Adds title, legend and background, since Plot would wrap the picture in HTML for them. */
function standAlone(svg: string, history: LossHistory, hasValidation: boolean): string {
  const font = "font-family: 'DejaVu Sans', 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
  const legend = [
    `<line x1="62" x2="86" y1="50" y2="50" stroke="${BLUE}" stroke-width="2.2"/>`,
    `<text x="92" y="54">training, smoothed (light: each step)</text>`,
    ...(hasValidation
      ? [
          `<circle cx="362" cy="50" r="3.5" fill="${ORANGE}"/>`,
          `<text x="372" y="54">validation, on held-out images</text>`,
        ]
      : []),
  ].join("");
  return svg
    .replace(/^<svg/, `<svg xmlns="http://www.w3.org/2000/svg" style="${font}; color: ${INK}"`)
    .replace(/ font-size="10" font-family="[^"]*"/, ' font-size="12"')
    .replace(/<style>[\s\S]*?<\/style>/, () => {
      const title = `<text x="62" y="28" font-size="16" font-weight="600">`;
      return (
        `<title>${escapeXml(history.title)}</title><rect width="860" height="460" fill="white"/>` +
        `<g text-anchor="start" fill="${INK}">${title}${escapeXml(history.title)}</text>${legend}</g>`
      );
    });
}

/**
 * Returns an exponential mean whose memory grows with the run, without a bias towards 0 at the
 * start.
 */
export function smoothed(points: LossHistory["training"]): { step: number; loss: number }[] {
  const keep = 1 - 1 / Math.max(2, Math.min(200, points.length / 20));
  let sum = 0;
  let weight = 0;
  const result = points.map(({ step, loss }) => {
    sum = keep * sum + loss;
    weight = keep * weight + 1;
    return { step, loss: sum / weight };
  });
  return thin(result);
}

/** Returns every n-th of the points, and the last. */
export function thin<T>(points: readonly T[], most = MAX_POINTS): T[] {
  const stride = Math.ceil(points.length / most);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

/** Infinite losses of a diverged run cannot be drawn; the others are. */
function isPositive(point: { readonly loss: number }): boolean {
  return Number.isFinite(point.loss) && point.loss > 0;
}

function formatTick(value: number): string {
  return /^[125]/.test(value.toExponential()) ? String(Number(value.toPrecision(3))) : "";
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/[&<>]/g, (character) => entities[character]);
}
