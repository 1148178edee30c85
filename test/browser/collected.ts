// In a page this module stands in for uvu: test files run there as they are, and Node asks for the
// outcome of each test.

export interface Outcome {
  readonly name: string;
  readonly ms: number;
  /** What the test threw, if it did. */
  readonly error: string | undefined;
}

const collected: { readonly name: string; readonly run: () => unknown }[] = [];

export function test(name: string, run: () => unknown): void {
  collected.push({ name, run });
}
test.run = () => {};

/** Loads a test file and runs its tests, one after the other. */
export async function runFile(load: () => Promise<unknown>): Promise<Outcome[]> {
  await load();
  const outcomes: Outcome[] = [];
  for (const { name, run } of collected.splice(0)) {
    const before = performance.now();
    let error: string | undefined;
    try {
      await run();
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    outcomes.push({ name, ms: performance.now() - before, error });
  }
  return outcomes;
}
