// Formats values for errors.

/** The largest number of letters of a value in an error. */
const LONGEST = 60;

/** Formats a value for an error: one line, shortened if it is long. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  return cut(JSON.stringify(value) ?? "missing");
}

/** Formats a string, or strings, within the sentence of an error, without quotes. */
export function shownText(value: unknown): string {
  if (Array.isArray(value)) return cut(value.map(shownText).join(", "));
  return typeof value === "string" ? cut(JSON.stringify(value).slice(1, -1)) : shown(value);
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}
