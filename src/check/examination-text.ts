// The report of an examination as text: for a terminal, the app, and to paste into an issue.

import { kernelKey } from "../graph/choose-kernel.js";
import type { Examination } from "./examine.js";

/** What is known of one kernel, over all cases. */
export interface KernelSummary {
  /** Op and name; only one of them if they are equal. */
  readonly kernel: string;
  /** Number of comparisons. */
  readonly comparisons: number;
  /** The largest error, as a share of its tolerance; undefined if none was above 0. */
  readonly worst: number;
  /** Whether the kernel is not among those that are avoided. */
  readonly passed: boolean;
}

/** Returns the kernels that were examined, in order of their first case. */
export function kernelSummaries({ cases, avoided }: Examination): KernelSummary[] {
  const found = new Map<string, KernelSummary>();
  for (const row of cases.flatMap(({ rows }) => rows)) {
    const { op, kernel, error, tolerance } = row;
    if (op === "") continue; // an input that is its own gradient
    const name = kernelKey(op, kernel);
    // It computed with a wrong result of another kernel.
    if (!row.passed && avoided[name] === undefined) continue;
    const { comparisons = 0, worst = 0 } = found.get(name) ?? {};
    // A tolerance of 0 demands the same bits.
    const share = error === 0 ? 0 : error / tolerance;
    const largest = Number.isNaN(share) ? Infinity : Math.max(worst, share);
    const passed = avoided[name] === undefined;
    found.set(name, {
      kernel: op === kernel ? op : name,
      comparisons: comparisons + 1,
      worst: largest,
      passed,
    });
  }
  return [...found.values()];
}

/** Returns a sentence about an adapter in software, and what follows from it; else undefined. */
export function softwareRemark(kind: "cpu" | "gpu"): string | undefined {
  if (kind === "gpu") return undefined;
  return (
    "No GPU is used: WebGPU runs on the processor. A step of the U-Net of width 16 on tiles of 284 " +
    "takes a tenth of a second to a second there, and the preset small is made for it; the preset " +
    "paper needs a GPU."
  );
}

/** Returns the verdict in one sentence. */
export function verdictOf({
  passed,
  avoided,
  hazards,
  unusable,
  leftOut,
}: Pick<Examination, "passed" | "avoided" | "hazards" | "unusable" | "leftOut">): string {
  const rest = leftOut > 0 ? ` There was no time for ${leftOut} cases.` : "";
  if (passed) return `No fault was found.${rest}`;
  const kernels = Object.keys(avoided).length;
  const failed = hazards.filter(({ verdict }) => verdict === "failed").length;
  const parts = [
    ...(kernels > 0
      ? [`${count(kernels, "kernel")} ${kernels === 1 ? "computes" : "compute"} wrong results`]
      : []),
    ...(failed > 0 ? [`${count(failed, "check")} of the driver failed`] : []),
  ];
  const end =
    unusable.length > 0
      ? "For some ops no kernel is left: what needs them cannot run on this adapter."
      : "Micrograph avoids wrong kernels on this adapter.";
  return `Faults were found: ${parts.join(", ")}. ${end}${rest}`;
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** Returns the report as lines of at most some 100 characters, except sentences of problems. */
export function examinationLines(examination: Examination): string[] {
  const { adapter, kind, backend, driver, version, scope, elapsedMs, features } = examination;
  const remark = softwareRemark(kind);
  const kernels = kernelSummaries(examination);
  const width = Math.max(...kernels.map(({ kernel }) => kernel.length), 0);
  const named = Object.values(driver).filter((part) => part !== "");
  return [
    `Adapter: ${adapter} (${kind === "cpu" ? "the processor" : "a GPU"}, ${backend})`,
    `Driver: ${[...new Set(named)].join(", ") || "hidden by the browser"}`,
    `Features: ${features.join(", ") || "none"}`,
    `Micrograph ${version}, ${scope} examination, ${(elapsedMs / 1000).toFixed(1)} s`,
    ...(remark ? [remark] : []),
    "",
    verdictOf(examination),
    ...Object.entries(examination.avoided).map(([kernel, problem]) => `  ${kernel}: ${problem}`),
    ...examination.unusable.map((problem) => `  ${problem}`),
    "",
    `${"kernel".padEnd(width)}  comparisons  largest error / tolerance`,
    ...kernels.map(({ kernel, comparisons, worst, passed }) =>
      [
        kernel.padEnd(width),
        `${comparisons}`.padStart(11),
        (passed ? worst.toFixed(3) : "WRONG").padStart(25),
      ].join("  "),
    ),
    "",
    ...examination.hazards.map(({ name, verdict, detail }) => {
      const mark = { passed: "passed ", failed: "FAILED ", noted: "noted  ", skipped: "skipped" };
      return `${mark[verdict]}  ${name}: ${detail}`;
    }),
  ];
}
