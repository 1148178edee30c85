// The columns of the table in words, and which of them the page shows. Pure.

import type { CellColumn } from "../../cells/found-cells.js";

const UNITS: Readonly<Record<string, string>> = { px: "px", px2: "px²", um: "µm", um2: "µm²" };

const WORDS: Readonly<Record<string, string>> = {
  label: "Cell",
  equivalent_diameter: "Diameter",
  feret_max: "Largest diameter",
  feret_min: "Smallest diameter",
  major_axis: "Long axis",
  minor_axis: "Short axis",
  centroid_x: "Place x",
  centroid_y: "Place y",
  mean: "Mean brightness",
  sum: "Sum of brightness",
  sd: "Deviation of brightness",
  min: "Least brightness",
  max: "Greatest brightness",
};

const CHANNEL = /^(.+)_c(\d+)$/;

/** "Area (µm²)", "Mean brightness, channel 2". */
export function columnTitle(name: string, channels: number): string {
  const [, measured, channel] = CHANNEL.exec(name) ?? [];
  if (channel) return `${wordOf(measured)}${channels > 1 ? `, channel ${channel}` : ""}`;
  const { stem, unit } = unitOf(name);
  return unit ? `${wordOf(stem)} (${unit})` : wordOf(stem);
}

/** The same for the head of a narrow table: "Area µm²", "Mean 2". */
export function shortTitle(name: string, channels: number): string {
  const [, measured, channel] = CHANNEL.exec(name) ?? [];
  if (channel) return `${capital(measured)}${channels > 1 ? ` ${channel}` : ""}`;
  const { stem, unit } = unitOf(name);
  return `${wordOf(stem)}${unit ? ` ${unit}` : ""}`;
}

function unitOf(name: string): { readonly stem: string; readonly unit?: string } {
  const at = name.lastIndexOf("_");
  const unit = UNITS[name.slice(at + 1)];
  return unit ? { stem: name.slice(0, at), unit } : { stem: name };
}

const wordOf = (stem: string) => WORDS[stem] ?? capital(stem.replaceAll("_", " "));

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export const channelsOf = (columns: readonly CellColumn[]) =>
  columns.filter(({ name }) => /^mean_c\d+$/.test(name)).length;

/** The measurement that a column has in one of two units: "area" of "area_um2". */
export const measurementOf = (name: string) => unitOf(name).stem;

/** The measurements that the table shows if nobody chose others: as many channels as fit into it. */
export const USUAL_COLUMNS: readonly string[] = [
  "area",
  "equivalent_diameter",
  "circularity",
  "mean_c1",
  "mean_c2",
  "mean_c3",
];

/** What the table can show next to the cell's number: every measurement in one unit, micrometres if they are known. */
export function tableColumns(columns: readonly CellColumn[]): CellColumn[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const inPixels = (name: string) => name.replace(/_um(2?)$/, "_px$1");
  return columns.flatMap((column) => {
    const { name } = column;
    if (name === "label" || name.startsWith("pixel_")) return [];
    // Micrometres are at the end of the file: they take the place of the pixels.
    if (inPixels(name) !== name && byName.has(inPixels(name))) return [];
    return [byName.get(name.replace(/_px(2?)$/, "_um$1")) ?? column];
  });
}

/** The columns of the table: the cell's number, and the chosen measurements. */
export function shownColumns(
  columns: readonly CellColumn[],
  chosen: readonly string[] = USUAL_COLUMNS,
): CellColumn[] {
  const own = tableColumns(columns).filter(({ name }) => chosen.includes(measurementOf(name)));
  return [...columns.filter(({ name }) => name === "label"), ...own];
}

/** Numbers that are no measurement to filter by. */
const OTHERS = /^(touches_border|box_)/;

/** The columns that can be filtered by: sizes, in one unit only, then the others. */
export function filterColumns(columns: readonly CellColumn[]): CellColumn[] {
  const offered = tableColumns(columns).filter(({ name }) => !OTHERS.test(name));
  const isSize = ({ name }: CellColumn) => unitOf(name).unit !== undefined;
  return [...offered.filter(isSize), ...offered.filter((column) => !isSize(column))];
}

/** Four digits; "–" if it is not defined. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}
