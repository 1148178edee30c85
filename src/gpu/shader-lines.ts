// Which line of a file in shaders/ a compiler means. The text that it gets has the file's lines until the
// first loop that is written out, and others from there.

/**
 * The line of a shader's file for a place in what `write` makes of its text, lines and columns from 1.
 * `write` is called with the same text, in which the lines of functions begin with their numbers in
 * comments: so its result has the same lines as before, and numbers in them.
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
  // Without a number of its own a line follows upon the last that has one.
  for (let above = 0; above < line; above++) {
    const numbers = [...(lines[line - 1 - above] ?? "").matchAll(/\/\*@(\d+)\*\//g)];
    // Loops that are written out put lines together: the number in front of the column counts.
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
 * Whether a line can begin with a comment: those that are read at its start (specialise.ts) cannot, nor
 * blank ones and those that end a loop, which may vanish.
 */
const canHold = (text: string) =>
  /^\s*[^\s}]/.test(text) && !/^(?:const|alias|struct)\b|^@/.test(text);
