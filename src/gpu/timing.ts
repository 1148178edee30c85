// Times every dispatch of a run. Timestamps are only possible at the borders of compute passes, so
// a timed run has a pass per dispatch; the dispatches, their order and their results are those of a
// normal run. Without the feature `timestamp-query` each dispatch is submitted separately and timed
// until the queue is empty.

import type { Command, encode, encodeCopies } from "./commands.js";
import type { Device } from "./device.js";

/** Passed in, so that this module, which pages seldom load, is a separate chunk without imports. */
interface Encoding {
  readonly encode: typeof encode;
  readonly encodeCopies: typeof encodeCopies;
}

/** Milliseconds of one dispatch. */
export interface DispatchTime {
  /** Milliseconds on the GPU. */
  readonly ms: number;
  /** Copies into textures that precede it. */
  readonly copyMs: number;
}

/** The time of each dispatch of one run. */
export interface RunTimes {
  /** By timestamps of the GPU, or by waiting for one submit per dispatch. */
  readonly method: "timestamps" | "queue";
  /** The smallest difference between two times that the method can measure, in milliseconds. */
  readonly resolutionMs: number;
  /** One per dispatch of the plan, in order. */
  readonly dispatches: readonly DispatchTime[];
}

/** Submits one run and resolves with its times. */
export function runTimed(
  device: TimedDevice,
  name: string,
  commands: readonly Command[],
  encoding: Encoding,
): Promise<RunTimes> {
  return device.gpu.features.has("timestamp-query")
    ? runWithTimestamps(device, name, commands, encoding)
    : runByQueue(device, name, commands, encoding);
}

type TimedDevice = Pick<Device, "gpu" | "wait" | "guard">;

/** Passes per query set: a set has at most 4096 timestamps. */
const SET_PASSES = 2048;
const SET_BYTES = SET_PASSES * 2 * 8;

async function runWithTimestamps(
  { gpu, wait, guard }: TimedDevice,
  name: string,
  commands: readonly Command[],
  { encode, encodeCopies }: Encoding,
): Promise<RunTimes> {
  // An empty pass comes first. The time between two passes is that of the copies.
  const passes = commands.length + 1;
  const made: { destroy(): void }[] = [];
  const keep = <Made extends { destroy(): void }>(one: Made): Made => {
    made.push(one);
    return one;
  };
  try {
    const { value, refused } = guard(`timing of ${name}`, () => {
      const sets = Array.from({ length: Math.ceil(passes / SET_PASSES) }, () =>
        keep(gpu.createQuerySet({ label: name, type: "timestamp", count: SET_PASSES * 2 })),
      );
      const size = sets.length * SET_BYTES;
      const buffer = (usage: number) => keep(gpu.createBuffer({ label: name, size, usage }));
      const resolved = buffer(0x200 | 0x4); // QUERY_RESOLVE | COPY_SRC
      const staging = buffer(0x1 | 0x8); // MAP_READ | COPY_DST
      const encoder = gpu.createCommandEncoder({ label: name });
      const writesOf = (pass: number) => ({
        querySet: sets[Math.floor(pass / SET_PASSES)],
        beginningOfPassWriteIndex: (pass % SET_PASSES) * 2,
        endOfPassWriteIndex: (pass % SET_PASSES) * 2 + 1,
      });
      encoder.beginComputePass({ label: name, timestampWrites: writesOf(0) }).end();
      for (const [i, command] of commands.entries()) {
        encodeCopies(encoder, command.copies);
        encode(encoder, name, [{ ...command, copies: [] }], { timestampWrites: writesOf(i + 1) });
      }
      for (const [i, set] of sets.entries()) {
        const count = Math.min(SET_PASSES, passes - i * SET_PASSES) * 2;
        encoder.resolveQuerySet(set, 0, count, resolved, i * SET_BYTES);
      }
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
      gpu.queue.submit([encoder.finish()]);
      return { staging, mapped: staging.mapAsync(1) }; // GPUMapMode.READ
    });
    const { staging, mapped } = value;
    const unmapped = await wait(
      mapped.then(
        () => undefined,
        (error: Error) => error,
      ),
    );
    const error = (await refused) ?? unmapped;
    if (error) throw error;
    const stamps = new BigInt64Array(staging.getMappedRange()).slice(0, passes * 2);
    return timesOf(stamps, commands);
  } finally {
    for (const one of made) one.destroy();
  }
}

/** `stamps`: begin and end of each pass in nanoseconds, including the empty first one. */
function timesOf(stamps: BigInt64Array, commands: readonly Command[]): RunTimes {
  // On some drivers a timestamp can precede the previous one by up to the resolution.
  const between = (from: number, to: number) =>
    Math.max(0, Number(stamps[to] - stamps[from]) / 1e6);
  const dispatches = commands.map(({ copies }, i) => ({
    ms: between(2 * i + 2, 2 * i + 3),
    copyMs: copies.length > 0 ? between(2 * i + 1, 2 * i + 2) : 0,
  }));
  let resolution = 0n;
  for (const stamp of stamps) resolution = greatestCommonDivisor(resolution, stamp - stamps[0]);
  return { method: "timestamps", resolutionMs: Number(resolution) / 1e6, dispatches };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y > 0n) [x, y] = [y, x % y];
  return x;
}

async function runByQueue(
  { gpu, guard }: TimedDevice,
  name: string,
  commands: readonly Command[],
  { encode, encodeCopies }: Encoding,
): Promise<RunTimes> {
  const time = async (work: (encoder: GPUCommandEncoder) => void) => {
    const { value: before, refused } = guard(`timing of ${name}`, () => {
      const encoder = gpu.createCommandEncoder({ label: name });
      work(encoder);
      const buffer = encoder.finish();
      const start = performance.now();
      gpu.queue.submit([buffer]);
      return start;
    });
    await gpu.queue.onSubmittedWorkDone();
    const ms = performance.now() - before;
    const error = await refused;
    if (error) throw error;
    return ms;
  };
  // The minimum of several: a single delayed submit would exceed the short dispatches.
  let empty = Infinity;
  for (let i = 0; i < 8; i++) empty = Math.min(empty, await time(() => {}));
  const dispatches: DispatchTime[] = [];
  for (const command of commands) {
    const { copies } = command;
    const copyMs = copies.length > 0 ? await time((encoder) => encodeCopies(encoder, copies)) : 0;
    const ms = await time((encoder) => encode(encoder, name, [{ ...command, copies: [] }]));
    dispatches.push({ ms: Math.max(0, ms - empty), copyMs: Math.max(0, copyMs - empty) });
  }
  return { method: "queue", resolutionMs: empty, dispatches };
}
