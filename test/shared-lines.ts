// Lines shared by two shaders are written once. A file in shaders/ has no includes, so that each
// compiles without others: lines between "// shared 2" and "// end" of one file are repeated by
// another between "// shared 2 of <that file>" and "// end". `npm run shaders` copies them, and the
// architecture test fails if they differ.

const OWN = /^ *\/\/ shared (\d+)$/;
const COPIED = /^ *\/\/ shared (\d+) of ([\w-]+)$/;
const END = /^ *\/\/ end$/;

/** The text with its copied lines updated from the files that they come from. */
export function withSharedLines(text: string, textOf: (stem: string) => string): string {
  const result: string[] = [];
  let isCopied = false;
  for (const line of text.split("\n")) {
    const [, number, stem] = COPIED.exec(line) ?? [];
    if (END.test(line)) isCopied = false;
    if (!isCopied) result.push(line);
    if (stem === undefined) continue;
    isCopied = true;
    result.push(...sharedLines(textOf(stem), stem, number));
  }
  if (isCopied) throw new Error('shared lines without "// end"');
  return result.join("\n");
}

function sharedLines(text: string, stem: string, number: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => OWN.exec(line)?.[1] === number);
  const end = lines.findIndex((line, i) => i > start && END.test(line));
  if (start < 0 || end < 0) throw new Error(`${stem}.wgsl has no lines "// shared ${number}"`);
  return lines.slice(start + 1, end);
}
