// Checks that a JSON value is a report: files of results come from other machines and versions.

import type { Report, Row } from "./report.js";

const TEXTS = ["adapter", "device", "driver", "machine", "node", "commit", "date"] as const;
const NUMBERS = ["width", "tile", "medianMs", "minMs", "gflops"] as const;
const OPTIONAL_NUMBERS = [
  "maxMs",
  "count",
  "shareOfPeak",
  "gflopsOfTile284",
  "megapixelsPerSecond",
  "peakBytes",
  "planBytes",
  "liveBytes",
  "difference",
] as const satisfies readonly (keyof Row)[];

/** Throws one line with `source`, the field, its value and what was expected. */
export function checkReport(value: unknown, source: string): Report {
  const fail = (field: string, got: unknown, expected: string): never => {
    throw new Error(`${source}: ${field} is ${JSON.stringify(got)}, expected ${expected}`);
  };
  if (!isRecord(value)) return fail("the whole", value, "an object");
  for (const field of TEXTS) {
    if (typeof value[field] !== "string") fail(field, value[field], "a text");
  }
  if (!isMeasure(value.peakGflops)) fail("peakGflops", value.peakGflops, "a number from 0");
  for (const field of ["options", "remarks"]) {
    const texts = value[field];
    if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) continue;
    fail(field, texts, "a list of texts");
  }
  if (!Array.isArray(value.rows)) return fail("rows", value.rows, "a list");
  for (const [i, row] of value.rows.entries()) {
    if (!isRecord(row)) return fail(`rows[${i}]`, row, "an object");
    for (const field of ["work", "engine"]) {
      if (typeof row[field] !== "string") fail(`rows[${i}].${field}`, row[field], "a text");
    }
    for (const field of [...NUMBERS, ...OPTIONAL_NUMBERS]) {
      const isAbsent = row[field] === undefined && !(NUMBERS as readonly string[]).includes(field);
      if (!isAbsent && !isMeasure(row[field])) {
        fail(`rows[${i}].${field}`, row[field], "a number from 0");
      }
    }
  }
  return value as unknown as Report;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMeasure = (value: unknown) => typeof value === "number" && value >= 0;
