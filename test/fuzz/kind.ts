// A kind of input, and what must hold for it, whatever its contents.

import type { Arbitrary } from "fast-check";

/** A kind of input: its cases, and what must be true of each. */
export interface FuzzKind {
  readonly name: string;
  /** The approximate number of its cases in a hundred. */
  readonly share: number;
  readonly cases: Arbitrary<unknown>;
  /** Throws if it does not hold; returns how many pixels were decoded, 0 for none. */
  readonly check: (value: unknown) => Promise<number>;
}

export function fuzzKind<T>(
  name: string,
  share: number,
  cases: Arbitrary<T>,
  check: (value: T) => Promise<number> | number,
): FuzzKind {
  return { name, share, cases, check: async (value) => check(value as T) };
}

/**
 * Messages of engines about programming mistakes; users must get a message about the file instead.
 */
const OF_ENGINES =
  /Cannot (read|set|convert|destructure|mix)|is not (a function|iterable|defined)|Invalid (typed|array|string|DataView)|[Oo]ffset is out|out of (bounds|memory|range)|Maximum call stack|allocation failed|memory access|unreachable|\[object |undefined|BigInt|start offset|Array buffer/;
const LONGEST = 1000;

/** Throws unless an error is one sentence that begins with the name. */
export function assertSentence(error: unknown, begin: string): void {
  const name = error instanceof Error ? error.name : typeof error;
  const message = error instanceof Error ? error.message : String(error);
  const isOurs = error instanceof Error && !/^(Type|Range|Syntax|Reference)Error$/.test(name);
  const faults = [
    isOurs ? "" : `a ${name}`,
    message.startsWith(begin) ? "" : `not beginning with ${begin}`,
    message.includes("\n") ? "of several lines" : "",
    OF_ENGINES.test(message) ? "in the words of the engine" : "",
    message.length > LONGEST ? `of ${message.length} letters` : "",
  ].filter(Boolean);
  if (faults.length === 0) return;
  const stack = error instanceof Error ? error.stack : "";
  throw new Error(
    `an error ${faults.join(", ")}: ${message.slice(0, 300)}\n${stack?.slice(0, 1500)}`,
  );
}

/** The outcome of work that may refuse its input: a value, or a correct error message. */
export async function outcome<T>(
  begin: string,
  work: () => T | Promise<T>,
): Promise<{ readonly value: T } | { readonly refusal: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    assertSentence(error, begin);
    return { refusal: (error as Error).message };
  }
}

/** Throws if the two differ; arrays of numbers are compared by type and values. */
export function assertSame(got: unknown, expected: unknown, what: string): void {
  const [a, b] = [plain(got), plain(expected)];
  if (a !== b) throw new Error(`${what}: got ${a.slice(0, 400)}, expected ${b.slice(0, 400)}`);
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (ArrayBuffer.isView(inner)) {
      return [inner.constructor.name.replace("Buffer", "Uint8Array"), ...(inner as Uint8Array)];
    }
    if (inner instanceof Map) return [...inner];
    return typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner;
  });
}
