// Sections shared by reports and galleries.

import { type LayerRow, layerTable, receptiveField } from "../../model/layer-table.js";
import type { Model } from "../../model/model.js";
import { type ColourKey, type Panel, panelWords } from "../../pictures/panel.js";
import { isDark, isPale, type Picture, resized } from "../../pictures/picture.js";
import { picturePng } from "../png-files.js";
import type { Figure } from "./figures.js";
import { escapeHtml, listHtml, tableHtml } from "./html.js";

/** Embeds pictures in a page. */
export interface Album {
  /**
   * Returns the figure as HTML, its panels reduced to a width in pixels; undefined if the pictures
   * so far would exceed `mostBytes`.
   */
  add(figure: Figure, panelWidth: number, mostBytes: number): string | undefined;
}

export function createAlbum(): Album {
  let spent = 0;
  return {
    add(figure, panelWidth, mostBytes) {
      const html = figureHtml(figure, (panel) => {
        const { picture } = panel;
        const shown = picture.width > panelWidth ? resized(picture, panelWidth) : picture;
        const bytes = Buffer.from(picturePng(shown));
        return { src: `data:image/png;base64,${bytes.toString("base64")}`, size: shown };
      });
      if (spent + html.length > mostBytes) return undefined;
      spent += html.length;
      return html;
    },
  };
}

function figureHtml(
  { title, caption, panels, columns }: Figure,
  imageOf: (panel: Panel) => { src: string; size: Pick<Picture, "width" | "height"> },
): string {
  const images = panels.map((panel) => {
    const { src, size } = imageOf(panel);
    const [first, ...others] = panelWords(panel).map(keyHtml);
    const words = panel.legend ? `<span class="key">${first}</span>` : first;
    const alt = escapeHtml(`${title}: ${altOf(panel)}`);
    return (
      `<figure><img src="${src}" alt="${alt}" width="${size.width}" height="${size.height}">` +
      `<figcaption>${[words, ...others].join(" ")}</figcaption></figure>`
    );
  });
  const shape =
    { 1: " one", 2: " two", 6: " three" }[panels.length] ?? (columns === 4 ? " four" : "");
  const edge = panels.some(({ legend }) => legend) ? " edged" : "";
  return (
    `<div class="case"><h3>${escapeHtml(title)}</h3><p>${escapeHtml(caption)}</p>\n` +
    `<div class="panels${shape}${edge}">\n${images.join("\n")}\n</div></div>`
  );
}

function altOf({ title, keys, legend = [] }: Panel): string {
  const colours = [...keys, ...legend].map(({ text }) => text).join(", ");
  return [title, colours].filter(Boolean).join(": ");
}

/** Formats a legend entry: a colour with its meaning, or only words. */
export function keyHtml({ text = "", colour }: Partial<ColourKey>): string {
  if (!colour) return escapeHtml(text);
  const edge = isPale(colour) || isDark(colour) ? ' class="edge"' : "";
  const swatch = `<i${edge} style="background:rgb(${colour.join(",")})"></i>`;
  return `<span class="key">${swatch}${escapeHtml(text)}</span>`;
}

/** Returns a figure as one picture in a file next to the page. */
export function fileFigureHtml(figure: Figure, file: string, size: Picture): string {
  const { title, caption, panels } = figure;
  const words = panels.map(altOf).join("; ");
  const legend = panels.find((panel) => panel.legend)?.legend;
  const classes = legend ? `<p>${legend.map(keyHtml).join(" ")}</p>\n` : "";
  return (
    `<div class="case"><h3>${escapeHtml(title)}</h3><p>${escapeHtml(caption)}</p>\n${classes}` +
    `<figure class="sheet"><a href="${encodeURIComponent(file)}">` +
    `<img src="${encodeURIComponent(file)}" alt="${escapeHtml(`${title}: ${words}`)}" ` +
    `width="${size.width}" height="${size.height}"></a></figure></div>`
  );
}

const grouped = (value: number) => value.toLocaleString("en-US");
const sizeText = (shape: LayerRow["output"]) => shape.map(grouped).join(" x ");

/** Returns the layers of a network as lines of text, for a terminal or a file. */
export function layerLines(model: Model, tile: number): string[] {
  const rows = layerTable(model, tile).map((row) => [
    row.name,
    row.does,
    sizeText(row.output),
    row.parameters === 0 ? "" : grouped(row.parameters),
  ]);
  const table = [["layer", "what it does", "channels x height x width", "parameters"], ...rows];
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 3 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ");
  return [
    ...table.map(line),
    "",
    ...networkFacts(model, tile).map(([name, value]) => `${name}: ${value}`),
  ].map((text) => text.trimEnd());
}

/** Returns the network as a table, with its sizes. */
export function networkHtml(model: Model, tile: number): string {
  const rows = layerTable(model, tile).map(({ name, does, output, parameters }) => [
    name,
    does,
    sizeText(output),
    parameters === 0 ? "" : grouped(parameters),
  ]);
  const head = ["Layer", "What it does", "Channels x height x width", "Parameters"];
  return `${listHtml(networkFacts(model, tile))}<div class="gap"></div>${tableHtml("Layers", head, rows)}`;
}

function networkFacts(model: Model, tile: number): [string, string][] {
  const output = model.outputSize(tile);
  const { channels, classes } = model.config;
  const { smallest, largest } = receptiveField(model);
  const { halo } = model;
  return [
    ["Network", model.title],
    ["Parameters", grouped(model.parameters.count)],
    ["Input tile", `${tile} x ${tile} pixels, ${channels} channel${channels === 1 ? "" : "s"}`],
    ["Output tile", `${output} x ${output} pixels, ${classes} classes`],
    ["Margin per side", `${(tile - output) / 2} pixels`],
    ...(halo > 0 ? [["Cut in prediction", `${halo} pixels per side`] as [string, string]] : []),
    [
      "Receptive field",
      `${smallest === largest ? "" : `${smallest} or `}${largest} pixels per side`,
    ],
    ["Valid inputs", `${model.inputFor(1)} pixels and every ${model.gridStep} more`],
  ];
}
