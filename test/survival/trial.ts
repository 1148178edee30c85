// One trial: some work, of which one call of WebGPU fails. It must end, with the result of undisturbed
// work or an error that says something, leave nothing on the GPU, and leave the device usable.

import { isDeepStrictEqual } from "node:util";
import { type Fault, type FaultyDevice, KINDS } from "./faulty-gpu.js";
import type { Work } from "./works.js";

/** Milliseconds after which work hangs: a loss costs seconds at most. */
const HANG_MS = 60_000;

/** What came of a trial. */
export interface Outcome {
  /** "same": the result of undisturbed work; "error": a clear one; "missed": no such call. */
  readonly end: "same" | "error" | "missed";
  readonly message?: string;
  /** What is wrong; nothing, if all is well. */
  readonly problems: readonly string[];
}

/** Runs work without a fault: its result, and the number of calls that can fail in each way. */
export async function undisturbed(faulty: FaultyDevice, work: Work) {
  faulty.device.pipelines.clear();
  faulty.arm();
  const result = await work(faulty.device);
  await faulty.device.idle();
  const counts = new Map(KINDS.map((kind) => [kind, faulty.count(kind)]));
  return { result, counts };
}

export async function tryFault(
  faulty: FaultyDevice,
  work: Work,
  expected: unknown,
  fault: Fault,
): Promise<Outcome> {
  const problems: string[] = [];
  const { device } = faulty;
  const onUnhandled = (error: unknown) => problems.push(`not handled: ${error}`);
  process.on("unhandledRejection", onUnhandled);
  const before = faulty.alive().length;
  // A pipeline that is compiled is not compiled again: each trial begins without any.
  device.pipelines.clear();
  faulty.arm(fault);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"hang">((resolve) => {
    timer = setTimeout(resolve, HANG_MS, "hang");
  });
  try {
    const end = await Promise.race([ended(work(device)), late]);
    const call = faulty.failed;
    if (end === "hang") return { end: "error", problems: [`${call}: it hangs`] };
    faulty.arm();
    if ("result" in end) {
      if (!isDeepStrictEqual(end.result, expected)) problems.push(`${call}: a wrong result`);
    } else if (!(end.error instanceof Error) || !/\S+ \S+/.test(end.error.message)) {
      problems.push(`${call}: no clear error: ${end.error}`);
    } else if (fault.kind === "lost") {
      problems.push(`${call}: it does not survive: ${end.error.message}`);
    }
    await device.renew();
    await device.idle();
    if (device.holds.size > 0) problems.push(`${call}: ${device.holds.size} plans or states open`);
    const left = faulty.alive();
    if (left.length > before) problems.push(`${call}: left on the GPU: ${left.slice(before)}`);
    if (call === "") return { end: "missed", problems };
    if ("result" in end) return { end: "same", problems };
    // What failed once must not fail again.
    const again = await ended(work(device));
    if (!("result" in again)) problems.push(`${call}: it fails again: ${again.error}`);
    else if (!isDeepStrictEqual(again.result, expected))
      problems.push(`${call}: wrong from now on`);
    return { end: "error", message: `${call}: ${(end.error as Error).message}`, problems };
  } finally {
    clearTimeout(timer);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", onUnhandled);
  }
}

const ended = (pending: Promise<unknown>) =>
  pending.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
