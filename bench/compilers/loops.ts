// Analyses a program's inner loops, from its disassembly.

import { type Counts, countInstructions, type Maker } from "./instructions.js";

/** A loop: the labels of its first and last block, and its instructions. */
export interface Loop {
  readonly from: string;
  readonly to: string;
  readonly instructions: number;
  readonly counts: Counts;
}

export interface Mix {
  /** Of the whole program. */
  readonly all: Counts;
  /**
   * The hottest loop, then the innermost ones, those with most multiply-adds first. The hottest is
   * the smallest that contains half of the multiply-adds: a driver may unroll the innermost one.
   */
  readonly loops: readonly Loop[];
}

interface Block {
  readonly label: string;
  readonly code: readonly string[];
}

/** Returns the mix of instructions of a listing. */
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

/** Joins the message of a send to its line, and removes predicates. */
const joinSends = (listing: string) =>
  listing.replace(/\n\s+(?=.*MsgDesc)/g, " ").replace(/^\(.*?\) /gm, "");

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A loop is the code between a jump back and its target. */
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
  const loopOf = ({ from, to }: Range): Loop => {
    const code = blocks.slice(from, to + 1).flatMap((block) => block.code);
    const labels = { from: blocks[from].label, to: blocks[to].label };
    return { ...labels, instructions: code.length, counts: countInstructions(code, maker) };
  };
  const works = ranges
    .filter(isInner)
    .map(loopOf)
    .filter(({ counts }) => Object.keys(counts).some((kind) => !["wait", "branch"].includes(kind)))
    .sort((a, b) => multiplyAddsOf(b) - multiplyAddsOf(a));
  const all = countInstructions(
    blocks.flatMap(({ code }) => code),
    maker,
  );
  const [hottest] = ranges
    .map(loopOf)
    .filter((loop) => multiplyAddsOf(loop) * 2 >= Math.max(1, all.fma ?? 0))
    .sort((a, b) => a.instructions - b.instructions);
  const others = works.filter(({ from, to }) => from !== hottest?.from || to !== hottest.to);
  return hottest ? [hottest, ...others] : works;
}

const multiplyAddsOf = ({ counts }: Loop) => counts.fma ?? 0;

const jumpTarget = (line: string) =>
  /^(?:s_c?branch\w*|BRA\S*)\s.*?(\.?L?\w+)\)?$/.exec(line)?.[1] ??
  /^while\(\d+\) +JIP: +(\w+)/.exec(line)?.[1];
