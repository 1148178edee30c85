// Replaces uvu in a page: test files run there unchanged, and Node requests the outcome of each
// test, one after the other.

const collected: { readonly name: string; readonly run: () => unknown }[] = [];

export function test(name: string, run: () => unknown): void {
  collected.push({ name, run });
}
test.run = () => {};

/** Loads a test file and returns the names of its tests. */
export async function loadFile(load: () => Promise<unknown>): Promise<string[]> {
  collected.length = 0;
  await load();
  return collected.map(({ name }) => name);
}

/** Runs a test of the file that was loaded last; resolves with what it threw, if it did. */
export async function runTest(index: number): Promise<string | undefined> {
  try {
    await collected[index].run();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
