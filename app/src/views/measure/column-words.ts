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

/** Channels whose brightness fits into the table; the file has all. */
const MOST_CHANNELS = 3;

/** The columns of the table: in micrometres if they are known. */
export function shownColumns(columns: readonly CellColumn[]): CellColumn[] {
  const names = new Map(columns.map((column) => [column.name, column]));
  const sized = (stem: string, unit: string) =>
    names.get(`${stem}_um${unit}`) ?? names.get(`${stem}_px${unit}`);
  const means = Array.from({ length: MOST_CHANNELS }, (_, i) => names.get(`mean_c${i + 1}`));
  return [
    names.get("label"),
    sized("area", "2"),
    sized("equivalent_diameter", ""),
    names.get("circularity"),
    ...means,
  ].filter((column) => column !== undefined);
}

/** Numbers that are no measurement to filter by. */
const OTHERS = /^(label|touches_border|pixel_|box_)/;

/** The columns that can be filtered by: sizes, in one unit only, then the others. */
export function filterColumns(columns: readonly CellColumn[]): CellColumn[] {
  const isInMicrometres = columns.some(({ name }) => name === "area_um2");
  const isOther = isInMicrometres ? /_px2?$/ : /_um2?$/;
  const offered = columns.filter(({ name }) => !OTHERS.test(name) && !isOther.test(name));
  const isSize = ({ name }: CellColumn) => unitOf(name).unit !== undefined;
  return [...offered.filter(isSize), ...offered.filter((column) => !isSize(column))];
}

/** Four digits; "–" if it is not defined. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}
