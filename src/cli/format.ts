// Numbers, times and commands as people read and paste them.

import { posix, win32 } from "node:path";
import { quoteFor } from "../options/command-line.js";

/** 0.0712 as "7.1 %". */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "not a number";
}

/** Milliseconds as "4 s", "2 min 05 s" or "1 h 07 min". */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** A number with three significant digits, without an exponent from 100 on. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A large whole number with separators: 31,030,658. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** A count with its noun: "1 image", "1,200 images". */
export function countText(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number of bytes: "896 B", "4.5 MiB", "1.25 GiB". */
export function byteText(bytes: number): string {
  if (bytes >= 2 ** 30) return `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
  if (bytes >= 2 ** 20) return `${Number((bytes / 2 ** 20).toFixed(1))} MiB`;
  return bytes >= 1024 ? `${Number((bytes / 1024).toFixed(1))} KiB` : `${bytes} B`;
}

/** A shape as errors print it: [1,16,282,282]. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(",")}]`;
}

/** A table as lines: the first `textColumns` columns to the left, the others, numbers, to the right. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns = 1,
): string[] {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i].length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => (i < textColumns ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}

/** An argument quoted for the shells of this system. */
export function shellQuote(text: string): string {
  return quoteFor(process.platform, text);
}

/** What a command to paste begins with, from the script's path and the folder the person is in. */
export function invocationOf(
  script: string,
  folder: string,
  platform: string = process.platform,
): string {
  const { basename, relative, sep } = platform === "win32" ? win32 : posix;
  if (basename(script) === "micrograph") {
    return script.includes(`${sep}.bin${sep}`) ? "npx micrograph" : "micrograph";
  }
  // On Windows what npm puts into .bin calls the script by its own path.
  if (script.includes(`${sep}node_modules${sep}micrograph${sep}`)) return "npx micrograph";
  return `node ${quoteFor(platform, relative(folder, script) || script)}`;
}
