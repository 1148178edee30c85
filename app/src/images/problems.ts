// Files that do not fit are skipped, and said by name.

export interface Problems {
  /** A sentence for each file that was skipped. */
  readonly sentences: string[];
  /**
   * Does a step of the import; where it throws, that file is skipped. Nothing is done when the import
   * was ended, and that is no problem.
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

/** What an error, or its words, is about: a file or folder, with a page. */
const ABOUT = /^(.*?(?:\.\w+|\/[^:]*)(?:, page \d+)?): (.*)$/s;

/** The sentence on a file that did not fit. */
export function skipped(error: unknown): string {
  const text = withoutOptions(error instanceof Error ? error.message : String(error));
  const [, file, reason] = ABOUT.exec(text) ?? [];
  return file === undefined ? `Skipped: ${text}.` : `${file} was skipped: ${reason}.`;
}

/** Without the clauses that name an option of the command line. */
export function withoutOptions(text: string): string {
  return text.replace(/(;|, and|, or|: add|(?<=\?) )[^;?]*--[a-z][^;?]*/g, "");
}

/** Remarks that say what everybody expects. */
const USUAL = /^Labels (are black and white: 0 is class 0, white is class 1|hold class indices)\.$/;

/**
 * Remarks for a person in the app: without sentences that name an option of the command line, and
 * without those that say nothing new. What is the same of several files is said once.
 */
export function plainRemarks(remarks: readonly string[]): string[] {
  const plain = remarks.flatMap((remark) => {
    const sentences = remark.split(/(?<=\.) (?=[A-Z-])/).filter((one) => !/(^| )--[a-z]/.test(one));
    const text = sentences.join(" ");
    return text === "" || USUAL.test(text) ? [] : [text];
  });
  /** Files by what is said of them. */
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
