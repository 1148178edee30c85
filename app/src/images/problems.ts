// Files that do not fit are left out, and said by name.

export interface Problems {
  /** A sentence for each file that was left out. */
  readonly sentences: string[];
  /**
   * Does a step of the import; where it throws, that file is left out. Nothing is done when the import
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
        sentences.push(`${reasonOf(error)}; left out.`);
      }
    },
  };
}

/** Without the hints that name an option of the command line. */
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/;[^;]*--[a-z][^;]*/g, "");

/** The sentences of a remark that name no option of the command line; undefined where none is left. */
export function plainRemark(remark: string): string | undefined {
  const sentences = remark.split(/(?<=\.) (?=[A-Z-])/).filter((one) => !/(^| )--[a-z]/.test(one));
  return sentences.length > 0 ? sentences.join(" ") : undefined;
}
