// Values as errors show them.

/** Letters of a value in an error. */
const LONGEST = 60;

/** A value as an error shows it: one line, its beginning where it is long. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  return cut(JSON.stringify(value) ?? "missing");
}

/** A text, or texts, as an error shows them within its sentence, without quotes. */
export function shownText(value: unknown): string {
  if (Array.isArray(value)) return cut(value.map(shownText).join(", "));
  return typeof value === "string" ? cut(JSON.stringify(value).slice(1, -1)) : shown(value);
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}
