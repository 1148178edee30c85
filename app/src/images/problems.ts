// Files that do not fit are left out, and said by name.

export interface Problems {
  /** A sentence for each file that was left out. */
  readonly sentences: string[];
  /** Does a step of the import; where it throws, that file is left out. */
  attempt(step: () => Promise<void> | void): Promise<void>;
}

export function collectProblems(): Problems {
  const sentences: string[] = [];
  return {
    sentences,
    async attempt(step) {
      try {
        await step();
      } catch (error) {
        sentences.push(`${reasonOf(error)}; left out.`);
      }
    },
  };
}

/** Without the hints that name an option of the command line. */
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/;[^;]*--[a-z][^;]*/g, "");
