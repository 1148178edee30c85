// What a program's inner loops consist of, from its disassembly.

import { type Counts, countInstructions, type Maker } from "./instructions.js";

/** An innermost loop: the labels of its first and last block, and what it consists of. */
export interface Loop {
  readonly from: string;
  readonly to: string;
  readonly instructions: number;
  readonly counts: Counts;
}

export interface Mix {
  /** Of the whole program. */
  readonly all: Counts;
  /** The innermost loops, the one with most multiply-adds first. */
  readonly loops: readonly Loop[];
}

interface Block {
  readonly label: string;
  readonly code: readonly string[];
}

/** The mix of instructions of a listing. */
export function mixOf(listing: string, maker: Maker): Mix {
  const blocks = blocksOf(listing, maker);
  const all = countInstructions(
    blocks.flatMap(({ code }) => code),
    maker,
  );
  return { all, loops: loopsOf(blocks, maker) };
}

function blocksOf(listing: string, maker: Maker): Block[] {
  const text = maker === "intel" ? joinSends(listing) : listing;
  const blocks: Block[] = [];
  let label = "";
  let code: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw
      .replace(/\/\*.*?\*\//g, "")
      .replace(/;.*$|\/\/.*$/, "")
      .trim();
    const next = /^(\.?\w+):$/.exec(line)?.[1];
    if (next !== undefined) {
      if (code.length > 0 || label) blocks.push({ label, code });
      label = next;
      code = [];
    } else if (line) {
      // VOPD: two instructions in one.
      const parts = line.replace(/^@!?U?P\w+ /, "").split(/ :: /);
      code.push(...parts.map((part) => part.trim()));
    }
  }
  return [...blocks, { label, code }];
}

/** Puts the message of a send into its line, and takes predicates away. */
const joinSends = (listing: string) =>
  listing.replace(/\n\s+(?=.*MsgDesc)/g, " ").replace(/^\(.*?\) /gm, "");

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A loop is what lies between a jump back and its target. */
function loopsOf(blocks: readonly Block[], maker: Maker): Loop[] {
  const place = new Map(blocks.map(({ label }, i) => [label, i]));
  const ranges: Range[] = [];
  for (const [to, { code }] of blocks.entries()) {
    for (const line of code) {
      const target = jumpTarget(line);
      const from = target === undefined ? undefined : place.get(target);
      if (from !== undefined && from <= to) ranges.push({ from, to });
    }
  }
  const isInner = (a: Range) =>
    !ranges.some((b) => b.from >= a.from && b.to <= a.to && b.to - b.from < a.to - a.from);
  const loops = ranges.filter(isInner).map(({ from, to }) => {
    const code = blocks.slice(from, to + 1).flatMap((block) => block.code);
    const labels = { from: blocks[from].label, to: blocks[to].label };
    return { ...labels, instructions: code.length, counts: countInstructions(code, maker) };
  });
  const works = loops.filter(({ counts }) =>
    Object.keys(counts).some((kind) => !["wait", "branch"].includes(kind)),
  );
  return works.sort((a, b) => (b.counts.fma ?? 0) - (a.counts.fma ?? 0));
}

const jumpTarget = (line: string) =>
  /^(?:s_c?branch\w*|BRA\S*)\s.*?(\.?L?\w+)\)?$/.exec(line)?.[1] ??
  /^while\(\d+\) +JIP: +(\w+)/.exec(line)?.[1];
