// JSON of files that anyone may have written or damaged: read within bounds, and shown in errors.

/** Deeper than any file of ours, and far from where engines give up. */
const DEEPEST = 32;
/** Letters of a value in an error. */
const LONGEST = 60;

/** The value of a text. Errors: words that follow a colon after the file's name. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  if (isDeeper(value, DEEPEST)) throw new Error(`its JSON has over ${DEEPEST} levels`);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

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
