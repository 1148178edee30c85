// The page of worker.test.ts: it trains in a Worker and watches its own thread.

export interface Watched {
  /** The losses of a training of one submit per step, and of several. */
  readonly whole: readonly number[];
  readonly parts: readonly number[];
  /** Milliseconds of the tasks of the page's thread that took longer than 50 ms. */
  readonly longTasks: readonly number[];
}

/** Trains in the Worker at `path`; rejects with what it reports. */
export async function trainInWorker(path: string): Promise<Watched> {
  const longTasks: number[] = [];
  const note = (entries: PerformanceEntryList) => {
    for (const { duration } of entries) longTasks.push(duration);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "longtask" });
  const worker = new Worker(path, { type: "module" });
  try {
    const losses = await new Promise<Omit<Watched, "longTasks">>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(`the Worker: ${event.message || "no script"}`));
      worker.onmessage = ({ data }) => {
        if (data.error === undefined) resolve(data);
        else reject(new Error(data.error));
      };
    });
    note(observer.takeRecords());
    return { ...losses, longTasks };
  } finally {
    observer.disconnect();
    worker.terminate();
  }
}
