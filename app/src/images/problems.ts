// Files that do not fit are skipped and reported by name.

export interface Problems {
  /** A sentence for each file that was skipped. */
  readonly sentences: string[];
  /**
   * Does a step of the import; if it throws, that file is skipped. Does nothing if the import was
   * cancelled, which is not a problem.
   */
  attempt(step: () => Promise<void> | void): Promise<void>;
}

export function collectProblems(signal?: AbortSignal): Problems {
  const sentences: string[] = [];
  return {
    sentences,
    async attempt(step) {
      if (signal?.aborted) return;
      try {
        await step();
      } catch (error) {
        if (signal?.aborted) return;
        sentences.push(skipped(error));
      }
    },
  };
}

/** What an error is about: a file or folder, with a page. */
const ABOUT = /^(.*?(?:\.\w+|\/[^:]*)(?:, page \d+)?): (.*)$/s;

/** The sentence about a skipped file. */
export function skipped(error: unknown): string {
  const text = withoutOptions(error instanceof Error ? error.message : String(error));
  const [, file, reason] = ABOUT.exec(text) ?? [];
  return file === undefined ? `Skipped: ${text}.` : `${file} was skipped: ${reason}.`;
}

/** The text without clauses that name a command line option. */
export function withoutOptions(text: string): string {
  return text.replace(/(;|, and|, or|: (?:add|give)|(?<=\?) )[^;?]*--[a-z][^;?]*/g, "");
}

/** Remarks on what everybody expects, which are not shown. */
const USUAL = /^Labels (are black and white: 0 is class 0, white is class 1|hold class indices)\.$/;

/**
 * Remarks for the app: without sentences that name a command line option or state the obvious. A remark that
 * applies to several files is given once.
 */
export function plainRemarks(remarks: readonly string[]): string[] {
  const plain = remarks.flatMap((remark) => {
    const sentences = remark.split(/(?<=\.) (?=[A-Z-])/).filter((one) => !/(^| )--[a-z]/.test(one));
    const text = sentences.join(" ");
    return text === "" || USUAL.test(text) ? [] : [text];
  });
  /** Files by remark. */
  const said = new Map<string, string[]>();
  for (const text of new Set(plain)) {
    const [, file, what] = /^(\S.*?\.\w+(?:, page \d+)?): (.*)$/s.exec(text) ?? ["", "", text];
    said.set(what, [...(said.get(what) ?? []), file]);
  }
  return [...said].map(([what, [first, ...others]]) => {
    if (first === "") return what;
    return `${first}${others.length > 0 ? ` and ${others.length} more` : ""}: ${what}`;
  });
}
