// Labels that lack a class, so that it cannot be learned.

import { classLegend } from "./classes.js";
import type { LabelDecision } from "./label-decision.js";

/**
 * Returns one sentence on the classes that do not occur in the labels to train on, and what to
 * check; undefined if all occur. `labels`: for each label the numbers of pixels of the classes
 * (`classCounts`); `heldOut`: the same for labels that are not trained on.
 */
export function missingClasses(
  labels: readonly (readonly number[])[],
  decision: LabelDecision,
  heldOut: readonly (readonly number[])[] = [],
  classNames?: readonly string[],
): string | undefined {
  const { classes } = decision;
  const here = present(labels);
  const missing = Array.from({ length: classes }, (_, i) => i).filter((i) => !here.has(i));
  if (missing.length === 0) return undefined;
  const { names } = classLegend({ classes, classNames });
  const calls = missing.map((index) =>
    classes > 2 && !classNames ? index : `${index} (${names[index]})`,
  );
  const count = labels.length === 1 ? "the label" : `the ${labels.length} labels`;
  const which = `${missing.length > 1 ? "classes" : "class"} ${calls.join(", ")}`;
  const there = present(heldOut);
  const advice =
    here.size === 0
      ? "all of their pixels are ignored"
      : missing.every((index) => there.has(index))
        ? "the held-out images have some: choose others by --validation"
        : (adviceOf(decision) ?? "is it the right folder, and are these all of its classes?");
  return `${count} to train on have no pixel of ${which}, so that nothing can be learned: ${advice}`;
}

function adviceOf({
  classes,
  reading,
  numbers = [],
  threshold,
}: LabelDecision): string | undefined {
  if (reading === "threshold") return `check --label-threshold ${threshold}`;
  if (reading === "instances") return "is it the right folder of labels?";
  if (classes > 2) return "is it the right folder, and is --classes right?";
  const all = numbers.flat().length > 2 ? "one value" : "the same value everywhere";
  return (
    `they hold ${all}: is it the right folder of labels, and are cells marked by another value ` +
    "(--label-threshold) or by transparency (--label-channel alpha)?"
  );
}

function present(counts: readonly (readonly number[])[]): Set<number> {
  return new Set(
    counts.flatMap((one) => one.flatMap((pixels, index) => (pixels > 0 ? index : []))),
  );
}
