// Formats a profile as text and as CSV.

import type { Profile, ProfileRow } from "./profile.js";

/** Rows of nodes that the text shows; the CSV has all. */
const SHOWN = 30;

/** Returns two tables, by kernel and by node (the most expensive ones), as lines. */
export function profileLines(profile: Profile): string[] {
  const { ms, gflops, shareOfPeak, peakGflops, repeats, nodes, kernels, adapter } = profile;
  const hidden = nodes.slice(SHOWN);
  const rest = hidden.reduce((sum, row) => sum + row.ms, 0);
  return [
    `Profile on ${adapter}: ${ms.toFixed(1)} ms per step, ${gflops.toFixed(1)} GFLOP/s, ` +
      `${percent(shareOfPeak)} of the peak (${peakGflops.toFixed(1)} GFLOP/s of multiply-adds only).`,
    `${repeats} runs; ${methodText(profile)}.`,
    "",
    ...table("kernel", kernels, false),
    "",
    ...table("node", nodes.slice(0, SHOWN), true),
    ...(hidden.length > 0 ? [`and ${hidden.length} more nodes: ${rest.toFixed(2)} ms`] : []),
  ];
}

function methodText({ method, resolutionMs }: Profile): string {
  if (method === "queue") {
    return (
      "this adapter has no timestamps: each dispatch was submitted separately, and timed until the " +
      `queue was empty, less ${resolutionMs.toFixed(2)} ms of an empty submit`
    );
  }
  const unit = resolutionMs > 0.001 ? ` with a resolution of ${resolutionMs.toFixed(3)} ms` : "";
  return `times from timestamps around each dispatch${unit}; copies into textures have separate rows`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function table(title: string, rows: readonly ProfileRow[], withKernel: boolean): string[] {
  const columns: [string, (row: ProfileRow) => string][] = [
    [title, ({ name }) => name],
    ...(withKernel
      ? [["kernel", ({ kernel }: ProfileRow) => kernel] as [string, (row: ProfileRow) => string]]
      : []),
    ["calls", ({ dispatches }) => `${dispatches}`],
    ["ms", ({ ms }) => ms.toFixed(3)],
    ["of step", ({ share }) => percent(share)],
    ["GFLOP/s", ({ gflops }) => (gflops > 0 ? gflops.toFixed(1) : "")],
    ["of peak", ({ gflops, shareOfPeak }) => (gflops > 0 ? percent(shareOfPeak) : "")],
    ["GB/s", ({ gigabytesPerSecond }) => gigabytesPerSecond.toFixed(1)],
  ];
  const cells = [
    columns.map(([name]) => name),
    ...rows.map((row) => columns.map(([, text]) => text(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const names = withKernel ? 2 : 1;
  return cells.map((line) =>
    line
      .map((cell, i) => (i < names ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}

/** Returns a row per node: name, kernel, dispatches, ms, share, gflops, share_of_peak, gb_per_s. */
export function profileCsv({ nodes }: Profile): string {
  const head = "node,kernel,dispatches,ms,share,gflops,share_of_peak,gigabytes_per_second";
  const lines = nodes.map((row) =>
    [
      `"${row.name.replaceAll('"', '""')}"`,
      row.kernel,
      row.dispatches,
      ...[row.ms, row.share, row.gflops, row.shareOfPeak, row.gigabytesPerSecond].map((value) =>
        Number(value.toPrecision(6)),
      ),
    ].join(","),
  );
  return `${[head, ...lines].join("\n")}\n`;
}
