// Parses JSON of files that anyone may have written or damaged, within limits.

/** Deeper than any of our files, and far below the limits of engines. */
const DEEPEST = 32;

/** Parses a text. Errors are words that follow a colon after the file's name. */
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
