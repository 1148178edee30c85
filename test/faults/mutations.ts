// Faults that are planted into the texts of shaders: those that a compiler, a driver or an author makes.

import "../no-kernel-cache.js";

/** A changed text. */
export interface Mutant {
  readonly kind: string;
  /** Line of the file, from 1. */
  readonly line: number;
  /** The part that was changed, before and after. */
  readonly change: string;
  readonly text: string;
}

/** A place in a text and what is there instead. */
interface Change {
  readonly at: number;
  readonly length: number;
  readonly instead: string;
}

/** Returns the end of the bracket that opens at `open`, exclusive. */
function closing(text: string, open: number): number {
  const [left, right] = text[open] === "[" ? ["[", "]"] : ["(", ")"];
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === left) depth++;
    if (text[i] === right && --depth === 0) return i + 1;
  }
  return text.length;
}

/** The arguments of a call whose bracket opens at `open`, as ranges. */
function argumentsOf(text: string, open: number): [number, number][] {
  const end = closing(text, open) - 1;
  const parts: [number, number][] = [];
  let from = open + 1;
  for (let i = open + 1, depth = 0; i <= end; i++) {
    if ("([".includes(text[i])) depth++;
    if ((text[i] === "," && depth === 0) || i === end) {
      parts.push([from, i]);
      from = i + 1;
    }
    if (")]".includes(text[i])) depth--;
  }
  return parts;
}

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)];

/** Where the code begins, after constants, bindings and types. */
const codeOf = (text: string) => text.search(/^(?:fn |@compute)/m);

/** What the names of the storage bindings are. */
const buffersOf = (text: string) =>
  matches(text, /@binding\(\d+\) var<storage, ?read> (\w+)/g).map(([, name]) => name);

/** Calls of `name` in the code, with the position of the bracket. */
const callsOf = (text: string, name: string) =>
  matches(text, new RegExp(`\\b${name}\\(`, "g"))
    .map(({ index, 0: call }) => ({ at: index, open: index + call.length - 1 }))
    .filter(({ at }) => at > codeOf(text));

type Rule = (text: string) => Change[];

/** Kinds of faults by name. */
const RULES: Readonly<Record<string, Rule>> = {
  "wrong index": (text) => [
    ...buffersOf(text).flatMap((name) =>
      matches(text, new RegExp(`\\b${name}\\[`, "g")).map(({ index, 0: start }) => {
        const at = closing(text, index + start.length - 1) - 1;
        return { at, length: 0, instead: "+1" };
      }),
    ),
    ...callsOf(text, "textureLoad").map(({ open }) => {
      const [, [from, to]] = argumentsOf(text, open);
      return { at: from, length: to - from, instead: `(${text.slice(from, to)}+1)` };
    }),
  ],
  "missing barrier": (text) =>
    matches(text, /workgroupBarrier\(\);/g).map(({ index, 0: { length } }) => {
      return { at: index, length, instead: "" };
    }),
  "missing mask": (text) =>
    callsOf(text, "select").map(({ at, open }) => {
      const [, [from, to]] = argumentsOf(text, open);
      const end = closing(text, open);
      return { at, length: end - at, instead: `(${text.slice(from, to)})` };
    }),
  "dropped bias": (text) =>
    matches(text, /\bbias\[/g).map(({ index, 0: start }) => {
      const end = closing(text, index + start.length - 1);
      return { at: end, length: 0, instead: "*0" };
    }),
  "swapped sign": (text) => [
    ...matches(text, /[^-+*/]\+=/g)
      .filter(({ index }) => !/for\b[^\n]*$/.test(text.slice(text.lastIndexOf("\n", index), index)))
      .map(({ index }) => ({ at: index + 1, length: 2, instead: "-=" })),
    ...callsOf(text, "fma").map(({ open }) => ({ at: open + 1, length: 0, instead: "-" })),
  ],
  "wrong split": (text) =>
    matches(text, /\b(?:uniforms\.)?(?:\w*[sS]plit\w*|\w*PerPart|stride|parts)\b/g)
      .filter(({ index, 0: name }) => index > codeOf(text) && name.startsWith("uniforms."))
      .map(({ index, 0: name }) => {
        return { at: index, length: name.length, instead: `(${name}+1)` };
      }),
  "off by one at a border": (text) =>
    matches(text, /(?<![<>=-])(?:<|>=)(?![<=>])/g)
      .filter(({ index }) => isComparison(text, index))
      .map(({ index, 0: sign }) => {
        return { at: index, length: sign.length, instead: sign === "<" ? "<=" : ">" };
      }),
  "left out trip": (text) =>
    matches(text, /for \(var \w+(?:: ?u32)? = 0;/g).map(({ index, 0: head }) => {
      return { at: index + head.length - 2, length: 1, instead: "1" };
    }),
};

/** Whether a sign is a comparison in the code: not that of a type, and not of a loop that is written out. */
function isComparison(text: string, at: number): boolean {
  if (at < codeOf(text)) return false;
  const line = lineAt(text, at);
  if (/\b(?:vec\d|array|bitcast|ptr|mat\w+)$/.test(text.slice(0, at))) return false;
  return !line.endsWith("// unroll") && !/^\s*(?:var|struct)</.test(line);
}

function lineAt(text: string, at: number): string {
  const from = text.lastIndexOf("\n", at - 1) + 1;
  const to = text.indexOf("\n", at);
  return text.slice(from, to < 0 ? undefined : to);
}

/** All mutants of a text by kind; every kind that the text has places for. */
export function mutantsOf(text: string): Mutant[] {
  return Object.entries(RULES).flatMap(([kind, rule]) =>
    rule(text).map(({ at, length, instead }): Mutant => {
      const before = text.slice(Math.max(0, at - 20), at + length + 12).replaceAll("\n", " ");
      const after = `${text.slice(Math.max(0, at - 20), at)}${instead}${text.slice(at + length, at + length + 12)}`;
      return {
        kind,
        line: text.slice(0, at).split("\n").length,
        change: `${before} -> ${after.replaceAll("\n", " ")}`,
        text: text.slice(0, at) + instead + text.slice(at + length),
      };
    }),
  );
}
