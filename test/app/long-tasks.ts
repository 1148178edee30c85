// What the tasks of a page's thread compute, by the browser's trace. Entries of "longtask" would not do:
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
/** What the app makes a task do; what else is in one is the browser's, or the test's messages to it. */
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

/** How often a road is walked until none of its tasks is long. */
const ATTEMPTS = 3;

type Walker = Awaited<ReturnType<AppSite["open"]>>;

/**
 * Walks a road in an app of its own and expects that no task of the page's thread computes for 50 ms, or
 * for as much longer as the machine does the yardstick slower: other work on it makes a processor slower.
 * For the same reason the road is walked once more where one did. Returns the page at the road's end.
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

/** Milliseconds of a fixed piece of work, in a page: the least of some, whatever interrupts the others. */
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

/** Has every document of the context mark its beginning. */
async function markDocuments(context: BrowserContext): Promise<void> {
  await context.addInitScript((name) => void performance.mark(name), BEGUN);
}

/** Begins a trace, and the page's document afresh in it. */
async function beginTrace(browser: Browser, page: Page): Promise<void> {
  await browser.startTracing(page, { categories: TRACED });
  await page.reload();
}

/** Ends what is judged of the document on show; `did` says what the person did in it. */
export async function markLeft(page: Page, did: string): Promise<void> {
  await page.evaluate((name) => void performance.mark(name), LEFT + did);
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: since when, how long by the clock, and of the processor. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

/**
 * A sentence for each task of a trace's documents that computed for `mostMs` or more. By the clock a task also waits while others have the processor: the driver in software, which is
 * another process and takes all there is, and whatever else runs on the machine.
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
    // Of a task of no length the trace leaves both times out.
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

/** Microseconds of the processor for what the app made a task do; parts of parts count once. */
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
