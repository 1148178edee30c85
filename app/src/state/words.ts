// Numbers formatted for people.

import type { PixelSize, RawImage } from "../../../src/index.js";

export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${value.toFixed(value < 10 && power > 0 ? 1 : 0)} ${units[power]}`;
}

/** "40 s", "3 min", "1 h 20 min". */
export function timeText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function percentText(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "none";
}

export function numberText(count: number): string {
  return count.toLocaleString("en");
}

export function countText(count: number, singular: string, plural = `${singular}s`): string {
  return `${numberText(count)} ${count === 1 ? singular : plural}`;
}

export function dateText(ms: number): string {
  return new Date(ms).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}

/** The data type of an image, after a comma; empty for the usual 8 bits. */
export function numbersText({ data, maximum }: Pick<RawImage, "data" | "maximum">): string {
  const bits = 8 * data.BYTES_PER_ELEMENT;
  if (data instanceof Float32Array) return `, ${bits}-bit floats`;
  const hasSign =
    data instanceof Int8Array || data instanceof Int16Array || data instanceof Int32Array;
  if (hasSign) return `, signed ${bits} bits`;
  return maximum > 255 ? `, ${bits} bits` : "";
}

/** "0.325 µm", "0.5 × 0.25 µm". */
export function pixelSizeText({ x, y }: PixelSize): string {
  const short = (value: number) => Number(value.toPrecision(4));
  return `${x === y ? short(x) : `${short(x)} × ${short(y)}`} µm`;
}

/** What "saved" means: browsers may or may not promise to keep what they store. */
export function savedText(persisted: boolean | undefined): string {
  return persisted
    ? "Saved in this browser, on this computer."
    : "Saved in this browser, which may delete it when the disk gets full: download the project to be " +
        "safe.";
}

/** If there are more things, the rest are only counted. */
const MOST_LISTED = 12;

/** "a", "a and b", "a, b and c". */
export function listText(things: readonly string[]): string {
  const rest = things.length - MOST_LISTED;
  const listed = rest > 1 ? [...things.slice(0, MOST_LISTED), `${numberText(rest)} more`] : things;
  const last = listed.at(-1) ?? "";
  return listed.length < 2 ? last : `${listed.slice(0, -1).join(", ")} and ${last}`;
}
