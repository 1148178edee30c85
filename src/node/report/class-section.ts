// The classes of a run: their colours, their share of the labels, and their figures.

import { classLegend, hasOwnClasses } from "../../data/classes.js";
import type { Sample } from "../../data/image-types.js";
import { classesOf, type SampleFile } from "../../data/survey.js";
import { classFieldsOf } from "../../data/task.js";
import type { ClassFigures } from "../../metrics/pixels.js";
import { classKeys } from "../../pictures/panel.js";
import { type Cell, type Section, tableHtml } from "./html.js";
import { type RunRecord, shownValidation } from "./run-record.js";
import { grouped, number, share } from "./run-sections.js";
import { keyHtml } from "./sections.js";

const FIGURES: readonly (readonly [keyof ClassFigures, string])[] = [
  ["iou", "IoU"],
  ["dice", "Dice"],
  ["precision", "Precision"],
  ["recall", "Recall"],
];

/** Returns the section for more than two classes, or for two with their own names or colours. */
export function classSection(
  record: RunRecord,
  training: readonly (Sample | SampleFile)[] = [],
): Section | undefined {
  const fields = classFieldsOf(record.config);
  if (!hasOwnClasses(fields)) return undefined;
  const legend = classLegend(fields);
  const shown = shownValidation(record);
  const shares = labelShares(training, fields.classes);
  const head = [
    "Class",
    ...(shares ? ["Share of the training labels"] : []),
    ...(shown?.classes ? FIGURES.map(([, title]) => title) : []),
  ];
  const rows = legend.names.map((name, index): Cell[] => [
    name,
    ...(shares ? [share(shares[index])] : []),
    ...(shown?.classes ? FIGURES.map(([key]) => number(shown.classes?.[index][key])) : []),
  ]);
  const keys = `<p>${classKeys(legend).map(keyHtml).join(" ")}</p>`;
  const lead = shown?.classes
    ? {
        lead:
          `Figures for the pixels of each class, over all held-out images, at step ` +
          `${grouped(shown.step)}. A dash: there was nothing to count.`,
      }
    : {};
  const table = head.length > 1 ? tableHtml("Classes", head, rows) : "";
  return { id: "classes", title: "Classes", ...lead, html: `${keys}\n${table}` };
}

/** Returns each class's share of the labelled pixels; undefined if there are none. */
function labelShares(
  samples: readonly (Sample | SampleFile)[],
  classes: number,
): number[] | undefined {
  const counts = new Float64Array(classes);
  for (const sample of samples) {
    for (const [index, count] of classesOf(sample).counts.entries()) counts[index] += count;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total > 0 ? [...counts].map((count) => count / total) : undefined;
}
