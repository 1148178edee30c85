// Long tasks of the page's thread: observed in the page, their computing by the browser's trace.

import type { Browser, BrowserContext, Page } from "playwright-core";

const TRACED = ["toplevel", "blink.user_timing", "disabled-by-default-devtools.timeline"];

/** Milliseconds that a task may compute. */
const MOST_MS = 50;

interface LongTask {
  /** Name of the mark that its document made, and milliseconds from there to its start. */
  readonly mark: string;
  readonly after: number;
  readonly duration: number;
}

/** What the page's own observer, begun before the app, gathers. */
declare const observed: readonly LongTask[];

/** Has every document of the context observe itself. */
export async function observe(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const tasks: LongTask[] = [];
    Object.assign(globalThis, { observed: tasks });
    const mark = `observed ${performance.timeOrigin}`;
    const { startTime: from } = performance.mark(mark);
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        tasks.push({ mark, after: startTime - from, duration });
      }
    }).observe({ type: "longtask", buffered: true });
  });
}

/** Begins a trace, and the page's document afresh in it. */
export async function beginTrace(browser: Browser, page: Page): Promise<void> {
  await browser.startTracing(page, { categories: TRACED });
  await page.reload();
}

/** The long tasks of the document on show, by what the person did. */
export async function longTasks(page: Page, at: string): Promise<(LongTask & { at: string })[]> {
  return (await page.evaluate(() => observed)).map((task) => ({ ...task, at }));
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds by the clock, and of the processor. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

/**
 * Ends the trace. Returns a sentence for each task that computed for 50 ms or more. By the clock a task
 * also waits while others have the processor: the driver in software, which is another process and
 * takes all there is, and whatever else runs on the machine.
 */
export async function endTrace(
  browser: Browser,
  tasks: readonly (LongTask & { at: string })[],
): Promise<string[]> {
  const trace = (await browser.stopTracing()).toString();
  const { traceEvents: events }: { traceEvents: TraceEvent[] } = JSON.parse(trace);
  const sentences = tasks.map(({ mark: name, after, duration, at }) => {
    const mark = events.find((event) => event.name === name);
    if (!mark) throw new Error(`the trace has no mark "${name}"`);
    const from = mark.ts + 1000 * after;
    const computed = events
      .filter(({ name, pid, tid }) => name === "RunTask" && pid === mark.pid && tid === mark.tid)
      // The page's clock and the trace's differ by less than a millisecond.
      .filter(({ ts, dur = 0 }) => ts - 1000 <= from && from < ts + dur)
      .map(({ tdur = Number.NaN }) => tdur / 1000);
    if (computed.length === 0) throw new Error(`the trace has no task ${after} ms after "${name}"`);
    const ms = Math.max(...computed);
    const sentence = `${at}: ${ms.toFixed(1)} ms of the processor, ${duration} ms by the clock`;
    return { ms, sentence };
  });
  // Not a number, where the browser does not tell, is too long as well.
  return sentences.filter(({ ms }) => !(ms < MOST_MS)).map(({ sentence }) => sentence);
}
