// The report of an examination as a page.

import {
  examinationLines,
  kernelSummaries,
  softwareRemark,
  verdictOf,
} from "../../check/examination-text.js";
import type { Examination } from "../../check/examine.js";
import { escapeHtml, listHtml, type Section, tableHtml } from "../../node/report/html.js";
import { pageHtml } from "../../node/report/page.js";

/** Returns the page: one file without scripts that loads nothing. */
export function examinationPage(examination: Examination): string {
  const { adapter, kind, avoided, unusable, version, scope, elapsedMs } = examination;
  const problems = [
    ...Object.entries(avoided).map(([kernel, problem]) => `${kernel}: ${problem}`),
    ...unusable,
    ...[softwareRemark(kind) ?? []].flat(),
  ];
  return pageHtml({
    kind: "Micrograph doctor",
    title: adapter,
    subtitle: verdictOf(examination),
    summary: problems.map((problem) => `<p class="note gap">${escapeHtml(problem)}</p>`).join("\n"),
    sections: sectionsOf(examination),
    footer: `Micrograph ${version}, ${scope} examination in ${(elapsedMs / 1000).toFixed(1)} seconds.`,
  });
}

function sectionsOf(examination: Examination): Section[] {
  const { cases, hazards, driver, backend, kind, features, limits } = examination;
  const percent = (share: number) =>
    Number.isFinite(share) ? `${(share * 100).toPrecision(2)} %` : "wrong";
  const kernels = kernelSummaries(examination).map(({ kernel, comparisons, worst, passed }) => [
    kernel,
    comparisons,
    percent(worst),
    passed ? "right" : "wrong",
  ]);
  const rows = cases.flatMap(({ name, rows }) =>
    rows
      .filter(({ what }) => !what.startsWith("padding"))
      .map(({ what, kernel, error, tolerance, passed }) => [
        `${name}: ${what}`,
        kernel,
        error.toExponential(1),
        tolerance.toExponential(0),
        passed ? "right" : "wrong",
      ]),
  );
  return [
    {
      id: "kernels",
      title: "Kernels",
      lead: "Each kernel that a network can run here, against references in 64 bits.",
      html: tableHtml(
        "Kernels",
        ["kernel", "comparisons", "largest error, of its tolerance", "result"],
        kernels,
      ),
    },
    {
      id: "driver",
      title: "What drivers are known to get wrong",
      html: tableHtml(
        "Checks of the driver",
        ["check", "result", "seen", "ms"],
        hazards.map(({ name, verdict, detail, ms }) => [name, verdict, detail, Math.round(ms)]),
      ),
    },
    {
      id: "adapter",
      title: "Adapter",
      html: listHtml(
        [
          ["kind", kind === "cpu" ? "software, on the processor" : "GPU"],
          ["backend", backend],
          ...Object.entries(driver),
          ["features", features.join(", ")],
          ...Object.entries(limits).map(([name, limit]) => [name, `${limit}`] as const),
        ] as const,
        "plain",
      ),
    },
    {
      id: "issue",
      title: "For an issue",
      lead: "The report as text, to paste.",
      html: `<pre><code>${escapeHtml(examinationLines(examination).join("\n"))}</code></pre>`,
    },
    {
      id: "comparisons",
      title: "All comparisons",
      html: tableHtml("Comparisons", ["case", "kernel", "error", "tolerance", "result"], rows),
    },
  ];
}
