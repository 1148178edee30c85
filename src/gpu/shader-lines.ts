// Maps a line in a compiler's message to the line of the file in shaders/. The compiled text has
// the same lines as the file only up to the first loop that is written out.

/**
 * Returns the line of a shader's file for a position in what `write` generates from its text; lines
 * and columns count from 1. `write` is called with the same text, except that the lines of
 * functions begin with their numbers in comments, so its result has the same lines as before and
 * contains the numbers.
 */
export function fileLine(
  source: string,
  write: (source: string) => string,
  line: number,
  column: number,
): number {
  const numbered = source
    .split("\n")
    .map((text, i) => (canHold(text) ? `/*@${i + 1}*/${text}` : text));
  const lines = write(numbered.join("\n")).split("\n");
  // A line without a number of its own follows the last one that has a number.
  for (let above = 0; above < line; above++) {
    const numbers = [...(lines[line - 1 - above] ?? "").matchAll(/\/\*@(\d+)\*\//g)];
    // Loops that are written out join lines: the last number before the column counts.
    let shift = 0;
    const before = numbers.filter(({ 0: { length }, index }) => {
      const isBefore = above > 0 || index - shift < column;
      shift += length;
      return isBefore;
    });
    const last = before.at(-1);
    if (last) return Number(last[1]) + above;
  }
  return line;
}

/**
 * Whether a line can begin with a comment. Lines that specialise.ts matches at their start cannot,
 * nor can blank lines and those that end a loop, which may disappear.
 */
const canHold = (text: string) =>
  /^\s*[^\s}]/.test(text) && !/^(?:const|alias|struct)\b|^@/.test(text);
