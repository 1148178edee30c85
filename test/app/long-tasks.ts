// How long the tasks of a page's thread compute, by the browser's trace. "longtask" entries are not enough:
// Chromium makes none for a task that only resolves promises, such as the decoding of a file.

import type { Browser, BrowserContext, Page } from "playwright-core";
import * as assert from "uvu/assert";
import type { AppSite } from "./app-page.js";

const TRACED = [
  "toplevel",
  "v8",
  "blink.user_timing",
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
];
/** Trace events that the app causes; others in a task are the browser's, or messages of the test. */
const OWN = [
  "FunctionCall",
  "EvaluateScript",
  "v8.evaluateModule",
  "V8.RunMicrotasks",
  "MajorGC",
  "MinorGC",
  "UpdateLayoutTree",
  "Layout",
  "PrePaint",
  "Paint",
  "Commit",
];
const BEGUN = "document begun";
const LEFT = "document left: ";

/** Milliseconds that a task may compute. */
const MOST_MS = 50;

/** Milliseconds of the yardstick in a page on an AMD EPYC, where the limit holds. */
const YARDSTICK_MS = 12;

/** How often a session is tried until none of its tasks is long. */
const ATTEMPTS = 3;

type Walker = Awaited<ReturnType<AppSite["open"]>>;

/**
 * Runs a session in a new app and expects that no task of the page's thread computes for 50 ms, scaled by the
 * machine's time for the yardstick, since other work makes a processor slower. For the same reason the session
 * is repeated if a task was long. Returns the page at the end of the session.
 */
export async function walkWithoutLongTasks(
  site: AppSite,
  road: (page: Page) => Promise<void>,
): Promise<Walker> {
  for (let attempt = 1; ; attempt++) {
    const walker = await site.open({}, markDocuments);
    const before = await walker.page.evaluate(yardstick);
    await beginTrace(site.browser, walker.page);
    await road(walker.page);
    const stopped = (await site.browser.stopTracing()).toString();
    const after = await walker.page.evaluate(yardstick);
    const long = longTasks(stopped, MOST_MS * Math.max(1, (before + after) / 2 / YARDSTICK_MS));
    if (long.length === 0) return walker;
    if (attempt === ATTEMPTS) assert.equal(long, [], `in each of ${ATTEMPTS} walks`);
    await walker.context.close();
  }
}

/**
 * Milliseconds of a fixed piece of work in a page: the shortest of several, since others may be interrupted.
 */
function yardstick(): number {
  const cells = new Float32Array(1 << 16);
  let least = Infinity;
  for (let repeat = 0; repeat < 7; repeat++) {
    const start = performance.now();
    let place = 1;
    for (let i = 0; i < 1e7; i++) {
      place = (Math.imul(place, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
      cells[place >>> 16] += 0.5 * cells[i & 0xffff] + 1;
    }
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Makes every document of the context mark its start in the trace. */
async function markDocuments(context: BrowserContext): Promise<void> {
  await context.addInitScript((name) => void performance.mark(name), BEGUN);
}

/** Starts a trace, and reloads the page in it. */
async function beginTrace(browser: Browser, page: Page): Promise<void> {
  await browser.startTracing(page, { categories: TRACED });
  await page.reload();
}

/** Ends the judged part of the current document; `did` describes what was done in it. */
export async function markLeft(page: Page, did: string): Promise<void> {
  await page.evaluate((name) => void performance.mark(name), LEFT + did);
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: the start, the duration by the clock, and the processor's time. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

/**
 * A sentence for each task of a trace's documents that computed for `mostMs` or more. The clock would
 * include waiting for the processor: the software driver, which is another process, uses all of it.
 */
function longTasks(trace: string, mostMs: number): string[] {
  const { traceEvents: events }: { traceEvents: TraceEvent[] } = JSON.parse(trace);
  const left = events.filter(({ name }) => name.startsWith(LEFT));
  if (left.length === 0) throw new Error("the trace has no document that was left");
  return left.flatMap(({ name, pid, tid, ts: until }) => {
    const own = events.filter((event) => event.pid === pid && event.tid === tid);
    const begun = own.filter((event) => event.name === BEGUN && event.ts < until);
    const from = Math.max(...begun.map(({ ts }) => ts));
    const tasks = own.filter(({ name, ts }) => name === "RunTask" && ts >= from && ts < until);
    if (tasks.length === 0) throw new Error(`the trace has no task of "${name}"`);
    // The trace leaves both times out for a task of no length.
    const long = tasks.filter(({ dur = 0, tdur = dur }) => tdur >= 1000 * mostMs);
    const judged = long.map((task) => ({ ...task, tdur: ownTime(task, own) }));
    const guilty = judged.filter(({ tdur }) => tdur >= 1000 * mostMs);
    return guilty.map(({ ts, dur = 0, tdur }) => {
      const [at, computed, took] = [ts - from, tdur, dur].map((us) => Math.round(us / 1000));
      return (
        `${name}: a task computed for ${computed} ms of ${mostMs.toFixed(0)}, ${took} by the ` +
        `clock, at ${at} ms`
      );
    });
  });
}

/** Microseconds of processor time that the app caused in a task; nested events count once. */
function ownTime({ ts: from, dur = 0 }: TraceEvent, events: readonly TraceEvent[]): number {
  const parts = events
    .filter(({ name, ts }) => OWN.includes(name) && ts >= from && ts < from + dur)
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  let [sum, end] = [0, from];
  for (const { ts, dur = 0, tdur = dur } of parts) {
    if (ts < end) continue;
    sum += tdur;
    end = ts + dur;
  }
  return sum;
}
