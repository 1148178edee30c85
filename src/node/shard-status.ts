// How far the shards of a task are, from their journals.

import type { JournalLine, ShardLines } from "./shard-journal.js";

/** How far one shard is. */
export interface ShardStatus {
  readonly index: number;
  /** "silent": it neither ended nor wrote for long, so it was probably killed. */
  readonly state: "waiting" | "running" | "silent" | "stopped" | "failed" | "done";
  /** Images or chunks that it owns; undefined before it has started. */
  readonly units?: number | undefined;
  readonly done: number;
  /** Why it ended, unless it is done. */
  readonly error?: string | undefined;
}

/** A unit that failed, and was not done since. */
export interface FailedUnit {
  /** The name of an image, or "chunk 17". */
  readonly unit: string;
  readonly error: string;
  readonly shard: number;
}

/** How far a task is. */
export interface TaskStatus {
  /** What it consists of. */
  readonly unit: "image" | "chunk";
  readonly count: number;
  readonly shards: readonly ShardStatus[];
  readonly failed: readonly FailedUnit[];
  readonly units: number;
  readonly done: number;
  /** Mean milliseconds per unit; undefined if none was timed. */
  readonly unitMs?: number | undefined;
  /** Milliseconds left with as many processes as run now; undefined if none runs. */
  readonly leftMs?: number | undefined;
  /** Milliseconds of work left for one process; undefined if nothing was timed. */
  readonly workMs?: number | undefined;
}

/** Whether the process that wrote a line has ended; false if that is not known. */
export type IsGone = (started: JournalLine) => boolean;

/** A running shard that wrote nothing for this long, and for ten units, is silent. */
const SILENT_MS = 120_000;

/**
 * The state of the task that the journals are of. A task that was started again with another number of shards is
 * judged by the count that was used last. `now`: milliseconds since 1970; `isGone`: of processes known to have ended. Undefined without journals.
 */
export function taskStatus(
  journals: readonly ShardLines[],
  now = Date.now(),
  isGone: IsGone = () => false,
): TaskStatus | undefined {
  if (journals.length === 0) return undefined;
  const latest = journals.reduce((a, b) => (b.written > a.written ? b : a));
  const { count } = latest.shard;
  const times = journals.flatMap(({ lines }) => lines.flatMap((line) => timeOf(line)));
  const unitMs = times.length > 0 ? times.reduce((a, b) => a + b, 0) / times.length : undefined;
  const failures = failedUnits(journals);
  const own = new Map(
    journals.filter(({ shard }) => shard.count === count).map((one) => [one.shard.index, one]),
  );
  const silence = Math.max(SILENT_MS, 10 * (unitMs ?? 0));
  const shards = Array.from({ length: count }, (_, index) => {
    const journal = own.get(index);
    return journal ? shardStatus(journal, now - silence, isGone) : waiting(index);
  });
  const known = shards.filter(({ units }) => units !== undefined);
  const mean = known.reduce((sum, { units = 0 }) => sum + units, 0) / Math.max(1, known.length);
  const left = shards.map(({ units = mean, done }) => Math.max(0, units - done));
  const total = left.reduce((a, b) => a + b, 0);
  const running = shards.flatMap(({ state }, i) => (state === "running" ? [left[i]] : []));
  const isChunks = journals.some(({ lines }) => lines.some(({ chunk }) => chunk !== undefined));
  return {
    unit: isChunks ? "chunk" : "image",
    count,
    shards,
    failed: failures,
    units: Math.round(shards.reduce((sum, { units = mean }) => sum + units, 0)),
    done: shards.reduce((sum, { done }) => sum + done, 0),
    unitMs,
    ...(unitMs === undefined ? {} : { workMs: total * unitMs }),
    ...(unitMs === undefined || running.length === 0
      ? {}
      : { leftMs: unitMs * Math.max(total / running.length, ...running) }),
  };
}

const waiting = (index: number): ShardStatus => ({ index, state: "waiting", done: 0 });

/** Milliseconds of a unit that was computed. */
const timeOf = ({ ms, name, chunk }: JournalLine): number[] =>
  typeof ms === "number" && (name !== undefined || chunk !== undefined) ? [ms] : [];

/** The name of the unit that a line is about. */
function unitOf({ name, chunk }: JournalLine): string | undefined {
  if (typeof name === "string") return name;
  return typeof chunk === "number" ? `chunk ${chunk}` : undefined;
}

/** Judges the last process of a shard. `before`: who has written nothing since is silent. */
function shardStatus(
  { shard, lines, written }: ShardLines,
  before: number,
  isGone: IsGone,
): ShardStatus {
  const start = lines.findLastIndex(({ started }) => started !== undefined);
  if (start < 0) return waiting(shard.index);
  const { units, kept = 0 } = lines[start] as { units?: number; kept?: number };
  const since = lines.slice(start + 1);
  const isDone = (line: JournalLine) => line.failed === undefined && unitOf(line) !== undefined;
  const done = kept + new Set(since.filter(isDone).map(unitOf)).size;
  const end = since.findLast(({ ended }) => ended !== undefined);
  const common = { index: shard.index, units, done };
  if (!end) {
    const isSilent = written < before || isGone(lines[start]);
    return { ...common, state: isSilent ? "silent" : "running" };
  }
  // Without an error all units were tried; those that failed are listed by themselves.
  if (end.error === undefined) return { ...common, state: "done" };
  const state = end.ended === 1 ? "failed" : "stopped";
  return { ...common, state, error: String(end.error) };
}

function failedUnits(journals: readonly ShardLines[]): FailedUnit[] {
  const last = new Map<string, { at: number; failure?: FailedUnit }>();
  for (const { shard, lines } of journals) {
    for (const line of lines) {
      const unit = unitOf(line);
      if (unit === undefined) continue;
      const at = typeof line.at === "number" ? line.at : 0;
      if ((last.get(unit)?.at ?? -1) > at) continue;
      const { failed } = line;
      if (failed === undefined) last.set(unit, { at });
      else last.set(unit, { at, failure: { unit, error: String(failed), shard: shard.index } });
    }
  }
  return [...last.values()].flatMap(({ failure }) => failure ?? []);
}
