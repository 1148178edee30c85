// Squares of a slide that are loaded, in the order in which a view needs them, and the ones that are kept.

export interface SquareQueue<T> {
  /** Loads these, the first ones first; squares that were wanted before and are not any more are cancelled. */
  want(keys: readonly string[]): void;
  get(key: string): T | undefined;
  /** Those that are kept, the least recently wanted first. */
  kept(): Iterable<readonly [key: string, value: T]>;
  /** How many of the wanted ones are there, or could not be loaded. */
  progress(): { readonly done: number; readonly total: number };
  /** Forgets everything. */
  clear(): void;
}

interface QueueOptions<T> {
  load(key: string, signal: AbortSignal): Promise<T>;
  /** The number of squares that are kept at most; wanted ones are kept in any case. */
  readonly most: number;
  /** The number that are loaded at a time. */
  readonly parallel: number;
  onLoaded(key: string): void;
  /** A square could not be loaded; it is tried again when a later view wants it, twice at most. */
  onFailed(error: unknown): void;
}

const ATTEMPTS = 3;

export function createSquareQueue<T>({
  load,
  most,
  parallel,
  onLoaded,
  onFailed,
}: QueueOptions<T>): SquareQueue<T> {
  const kept = new Map<string, T>();
  const loading = new Map<string, AbortController>();
  const failures = new Map<string, number>();
  let wanted: readonly string[] = [];
  let waiting: string[] = [];
  const drop = () => {
    const isWanted = new Set(wanted);
    for (const key of [...kept.keys()]) {
      if (kept.size <= most) break;
      if (!isWanted.has(key)) kept.delete(key);
    }
  };
  const begin = () => {
    while (loading.size < parallel) {
      const key = waiting.shift();
      if (key === undefined) return;
      const controller = new AbortController();
      loading.set(key, controller);
      void run(key, controller);
    }
  };
  const run = async (key: string, controller: AbortController) => {
    const { signal } = controller;
    try {
      const value = await load(key, signal);
      if (signal.aborted) return;
      kept.set(key, value);
      drop();
      loading.delete(key);
      onLoaded(key);
    } catch (error) {
      if (signal.aborted) return;
      failures.set(key, (failures.get(key) ?? 0) + 1);
      loading.delete(key);
      onFailed(error);
    } finally {
      if (loading.get(key) === controller) loading.delete(key);
      begin();
    }
  };
  return {
    want(keys) {
      wanted = keys;
      const isWanted = new Set(keys);
      for (const [key, controller] of loading) {
        if (isWanted.has(key)) continue;
        loading.delete(key);
        controller.abort();
      }
      for (const key of keys) {
        const value = kept.get(key);
        if (value === undefined) continue;
        kept.delete(key);
        kept.set(key, value);
      }
      waiting = keys.filter(
        (key) => !kept.has(key) && !loading.has(key) && (failures.get(key) ?? 0) < ATTEMPTS,
      );
      drop();
      begin();
    },
    get: (key) => kept.get(key),
    kept: () => kept,
    progress() {
      const isPending = (key: string) => loading.has(key) || waiting.includes(key);
      return {
        done: wanted.filter((key) => !isPending(key)).length,
        total: wanted.length,
      };
    },
    clear() {
      for (const controller of loading.values()) controller.abort();
      for (const map of [loading, kept, failures]) map.clear();
      [wanted, waiting] = [[], []];
    },
  };
}
