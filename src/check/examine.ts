// The examination of an adapter: its kernels against references in 64 bits, and what drivers are
// known to get wrong. It names the kernels that compute wrong results, so that plans avoid them.

import { checkKeys, checkWord, type Keys } from "../arguments/keys.js";
import type { ExaminationScope } from "../gpu/avoided-kernels.js";
import type { Device, DeviceDescription } from "../gpu/device.js";
import { kernelKey } from "../graph/choose-kernel.js";
import { kernelsVersion } from "../shaders/version.generated.js";
import type { CheckedPlan, CheckRow, Includes } from "./check-op.js";
import { compileAhead, type Examinee, examineesOf } from "./examinees.js";
import { HAZARDS } from "./hazards.js";

export type { ExaminationScope } from "../gpu/avoided-kernels.js";

/** How much is examined, and what is reported meanwhile. */
export interface ExamineOptions {
  /**
   * "quick": the first choices of the commonest layers; "normal": every kernel that a U-Net or an
   * FCN can run on the adapter; "full": also the other ops, storage in 16 bits and the largest
   * buffers. By default "normal".
   */
  readonly scope?: ExaminationScope | undefined;
  /**
   * Milliseconds after which no further case begins, except the first: the report counts those left out. By default
   * 2000 for a quick examination, else unlimited.
   */
  readonly budgetMs?: number | undefined;
  /**
   * The first case: those before it were examined earlier, and what they found is in
   * `device.avoided`. By default 0.
   */
  readonly from?: number | undefined;
  /** Stops the examination: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each case with its name, the number of those done, and how many there are. */
  readonly onProgress?: ((name: string, done: number, total: number) => void) | undefined;
}

const OPTIONS: Keys<ExamineOptions> = { scope: 1, budgetMs: 1, from: 1, signal: 1, onProgress: 1 };
const SCOPES: readonly ExaminationScope[] = ["quick", "normal", "full"];
const QUICK_MS = 2000;

/** One case of an examination with its comparisons. */
export interface ExaminedCase {
  /** Op, shapes and settings. */
  readonly name: string;
  /** Milliseconds, including compilation and the reference. */
  readonly ms: number;
  /** One per kernel and result. */
  readonly rows: readonly CheckRow[];
}

/** What a case for a driver's known faults found. */
export interface ExaminedHazard {
  /** What is examined. */
  readonly name: string;
  /**
   * "failed" is a fault; "noted": it failed, but Micrograph does not rely on it; "skipped": the
   * case does not apply to the adapter.
   */
  readonly verdict: "passed" | "failed" | "noted" | "skipped";
  /** What was seen. */
  readonly detail: string;
  /** Milliseconds. */
  readonly ms: number;
}

/** The report of an examination: plain values. */
export interface Examination extends DeviceDescription {
  /** The names that the driver gives. */
  readonly driver: Readonly<Record<"vendor" | "architecture" | "device" | "description", string>>;
  /** Version of the package and its kernels. */
  readonly version: string;
  /** How much was examined. */
  readonly scope: ExaminationScope;
  /** Whether nothing failed. */
  readonly passed: boolean;
  /** Milliseconds. */
  readonly elapsedMs: number;
  /** Cases that the budget did not reach. */
  readonly leftOut: number;
  /** The first of them; undefined if there are none. */
  readonly next: number | undefined;
  /** The cases of kernels. */
  readonly cases: readonly ExaminedCase[];
  /** The cases of known faults. */
  readonly hazards: readonly ExaminedHazard[];
  /** Kernels that compute wrong results, by op and name, each with the numbers in a sentence. */
  readonly avoided: Readonly<Record<string, string>>;
  /** Kernels with factors of 16 bits that compute right results, by op and name. */
  readonly proven: readonly string[];
  /** Ops for which no kernel is left, a sentence each: networks with them cannot run here. */
  readonly unusable: readonly string[];
}

/**
 * Examines an adapter and adds the kernels that compute wrong results to `device.avoided`: plans
 * that are compiled afterwards use others, or throw if none is left. Kernels that were avoided
 * before are examined again, and no longer avoided if they pass. `saveAvoided` stores the result.
 * Rejects if the device is lost.
 *
 *     const { passed, avoided } = await examine(device, { scope: "normal" });
 */
export async function examine(device: Device, options: ExamineOptions = {}): Promise<Examination> {
  checkKeys("examine", options, OPTIONS);
  const { scope = "normal", signal, onProgress } = options;
  checkWord("examine: the scope", scope, SCOPES);
  const budgetMs = options.budgetMs ?? (scope === "quick" ? QUICK_MS : Infinity);
  const startedMs = performance.now();
  const { from = 0 } = options;
  if (!Number.isSafeInteger(from) || from < 0) {
    throw new Error(`examine: from must be a whole number from 0, got ${from}`);
  }
  const allExaminees = await examineesOf(scope, device);
  const examinees = allExaminees.slice(from);
  const hazards = HAZARDS.filter((one) => SCOPES.indexOf(one.scope) <= SCOPES.indexOf(scope)).slice(
    Math.max(0, from - allExaminees.length),
  );
  const total = examinees.length + hazards.length;
  let begun = 0;
  let leftOut = 0;
  const isDue = (name: string) => {
    signal?.throwIfAborted();
    device.checkOpen();
    const isLate = begun > 0 && performance.now() - startedMs > budgetMs;
    if (isLate) leftOut++;
    else onProgress?.(name, begun, total);
    begun++;
    return !isLate;
  };
  const includes: Includes = scope === "quick" ? (kernel) => kernel === undefined : () => true;
  // A quick examination has no time for pipelines that it may not reach.
  const stop = scope === "quick" ? () => {} : compileAhead(device, examinees, includes);
  // Those that an earlier part found wrong would make others look so.
  const earlier = new Set(from > 0 ? device.avoided : []);
  const kernels = await examineKernels(device, examinees, { includes, isDue, earlier }).finally(
    stop,
  );
  const examined: ExaminedHazard[] = [];
  for (const one of hazards) {
    if (!isDue(one.name)) continue;
    const began = performance.now();
    const { passed, detail } = await one.run(device, scope).catch((error: Error) => {
      device.checkOpen(); // a lost device is not a finding
      return { passed: false, detail: error.message };
    });
    const failed = one.matters ? "failed" : "noted";
    const verdict = passed === undefined ? "skipped" : passed ? "passed" : failed;
    examined.push({ name: one.name, verdict, detail, ms: performance.now() - began });
  }
  if (scope !== "quick") {
    device.avoided.clear();
    device.proven.clear();
  }
  for (const kernel of kernels.proven) device.proven.add(kernel);
  for (const kernel of Object.keys(kernels.avoided)) device.avoided.add(kernel);
  const isWell =
    Object.keys(kernels.avoided).length === 0 &&
    examined.every(({ verdict }) => verdict !== "failed");
  const { vendor, architecture, device: name, description } = device.gpu.adapterInfo;
  return {
    ...device.describe(),
    driver: { vendor, architecture, device: name, description },
    version: kernelsVersion,
    scope,
    passed: isWell && kernels.unusable.length === 0,
    elapsedMs: performance.now() - startedMs,
    leftOut,
    next: leftOut > 0 ? from + kernels.cases.length + examined.length : undefined,
    hazards: examined,
    ...kernels,
  };
}

/**
 * Runs the cases until no new fault is found: a plan in which a kernel is known to be wrong says
 * nothing about others, so the cases run again without it.
 */
async function examineKernels(
  device: Device,
  examinees: readonly Examinee[],
  {
    includes,
    isDue,
    earlier,
  }: {
    readonly includes: Includes;
    readonly isDue: (name: string) => boolean;
    readonly earlier: ReadonlySet<string>;
  },
): Promise<Pick<Examination, "cases" | "avoided" | "proven" | "unusable">> {
  const avoided = new Map<string, string>();
  const cases: ExaminedCase[] = [];
  const unusable = new Set<string>();
  const halves = new Set<string>();
  const reached: Examinee[] = [];
  for (let isFirst = true; ; isFirst = false) {
    const known = new Set([...earlier, ...avoided.keys()]);
    const capabilities = { ...device.capabilities, avoided: known };
    for (const examinee of isFirst ? examinees : reached) {
      if (isFirst && !isDue(examinee.name)) continue;
      if (isFirst) reached.push(examinee);
      const began = performance.now();
      const rows: CheckRow[] = [];
      try {
        for await (const plan of examinee.plans({ ...device, capabilities }, includes)) {
          rows.push(...plan.rows);
          blame(plan, examinee, avoided);
          for (const kernel of plan.halfKernels ?? []) halves.add(kernel);
        }
      } catch (error) {
        device.checkOpen();
        if (known.size === 0) throw error;
        unusable.add((error as Error).message);
      }
      if (isFirst) cases.push({ name: examinee.name, ms: performance.now() - began, rows });
    }
    if (earlier.size + avoided.size === known.size) break;
  }
  const proven = [...halves].filter((kernel) => !avoided.has(kernel));
  return { cases, avoided: Object.fromEntries(avoided), proven, unusable: [...unusable] };
}

/** Adds the kernel that is to blame for the first wrong result of a plan; others may follow from it. */
function blame({ kernels, rows }: CheckedPlan, { blames }: Examinee, avoided: Map<string, string>) {
  if (kernels.some((kernel) => avoided.has(kernel))) return;
  const wrong = rows.find(({ problem }) => problem !== undefined);
  if (!wrong) return;
  const own = blames && kernels.find((one) => one.startsWith(`${blames} `));
  avoided.set(own || kernelKey(wrong.op, wrong.kernel), wrong.problem as string);
}
