// `micrograph evaluate`: compares predictions with labels, by the metrics of the EM challenge and per class.

import { dirname } from "node:path";
import { type Command, Option } from "commander";
import type { ClassList } from "../../data/classes.js";
import type { LabelDeclaration } from "../../data/label-decision.js";
import type { PageMode } from "../../formats/image-file.js";
import { readClasses } from "../../node/class-file.js";
import { decideReading, loadPair, openPairFiles, type Reading } from "../../node/judged-files.js";
import { predictedStores } from "../../node/predicted-stores.js";
import { findPredictions } from "../../node/predictions.js";
import { ensureFolder, writeFileAtomic } from "../../node/run-files.js";
import {
  addClassOptions,
  addLabelOptions,
  declaresClasses,
  ignoreOption,
  type LabelReadingOptions,
  labelDeclaration,
  resolveClasses,
} from "../options/class-options.js";
import { pagesOption } from "../options/image-options.js";
import { parseNumber } from "../options/parse-numbers.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { type Evaluation, evaluationJson, evaluationLines } from "./evaluate-report.js";
import { createJudge } from "./judge.js";

export interface EvaluateOptions extends LabelReadingOptions {
  prediction: string;
  labels: string;
  classes?: number;
  classNames?: readonly string[];
  classColours?: readonly string[];
  ignore?: number | string;
  pages?: PageMode;
  output?: string;
  json?: boolean;
}

/** Adds the command to the program; `done` gets the exit code. */
export function addEvaluate(
  program: Command,
  context: Context,
  done: (code: number) => void,
): void {
  const number = (flags: string, text: string) => new Option(flags, text).argParser(parseNumber);
  const evaluate = program
    .command("evaluate")
    .summary("compare predictions with labels")
    .description(
      "For each label <name>.png, reads <name>-probability.png if it exists, else the mask <name>.png,\n" +
        "and prints a table with one row per image and one for all. With two classes: the metrics of the\n" +
        "EM challenge of 2012 (thresholds 0, 0.1 ... 1; cells are white), and IoU, Dice, precision and\n" +
        "recall of each class; with more classes: the latter, from masks of class indices. If labels or\n" +
        "masks hold one number per cell, as those of Cellpose do, also how many cells are found. Masks\n" +
        "may come from any program: 0 and 1, 0 and 255, 1 and 2, numbers, palettes. A legend defines each\n" +
        "metric. classes.json, which predict writes next to its masks, holds the class names, the value\n" +
        "that the training labels ignore, and the threshold of the masks.",
    )
    .requiredOption("--prediction <DIR>", "folder that predict wrote into, or the store of a slide")
    .requiredOption("--labels <DIR>", "folder of labels, a TIFF stack or a store, paired by name")
    .addOption(
      number(
        "--classes <N>",
        "number of classes (default: as in classes.json, else as in the labels)",
      ),
    )
    .addOption(ignoreOption())
    .addOption(pagesOption())
    .option("--output <FILE>", "also write the JSON to a file")
    .option("--json", "print as JSON; progress goes to standard error")
    .action(async (options: EvaluateOptions) => done(await runEvaluate(options, context)))
    .addHelpText(
      "after",
      `\nExample:\n  ${context.invocation} evaluate --prediction masks --labels em/label`,
    );
  addClassOptions(evaluate);
  addLabelOptions(evaluate);
}

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runEvaluate(options: EvaluateOptions, context: Context): Promise<number> {
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  try {
    const evaluation = await evaluate(options, progress);
    progress.stop();
    const json = `${JSON.stringify(evaluationJson(evaluation), null, 2)}\n`;
    if (options.output !== undefined) {
      await ensureFolder(dirname(options.output));
      await writeFileAtomic(options.output, json);
    }
    if (options.json) context.stdout.write(json);
    else for (const line of evaluationLines(evaluation)) progress.line(line);
    return evaluation.failed.length > 0 ? 1 : 0;
  } finally {
    progress.stop();
  }
}

async function evaluate(options: EvaluateOptions, progress: Progress): Promise<Evaluation> {
  const { pages } = options;
  const { list, declared, isTyped } = await classesOf(options);
  const { threshold = 0.5 } = list;
  const {
    pairs: all,
    remarks,
    reading: how,
  } = await findPredictions(options.prediction, options.labels, {
    pages,
    ofCells: options.instances,
  });
  for (const remark of remarks) progress.line(remark);
  const files = openPairFiles(how);
  const reading = await decideReading(all, files, declared, { isTyped });
  for (const remark of readingRemarks(reading)) progress.line(remark);
  const failed = [...reading.failed];
  const { classes } = reading.labels;
  const fields = classes === list.classes ? list : { classes };
  const judge = createJudge(fields, threshold);
  for (const [index, pair] of reading.pairs.entries()) {
    const { length } = reading.pairs;
    progress.update(index, length, `${pair.prediction.image} (${index + 1} of ${length})`);
    try {
      const { label, probability, predicted, cells, remarks } = await loadPair(
        files,
        pair,
        reading,
        threshold,
      );
      if (probability) judge.addSlice(pair.name, { label, probability }, cells);
      else if (predicted) judge.addClasses(pair.name, label, predicted);
      for (const remark of remarks) progress.line(remark);
    } catch (error) {
      failed.push({ name: pair.name, reason: (error as Error).message });
      if (failed.length === all.length) throw error;
    }
  }
  for (const { reason } of failed) progress.line(reason);
  return { ...judge.evaluation(), failed };
}

/** Printed before the metrics: how labels and masks were read, if that is not obvious. */
function readingRemarks({ labels, masks }: Reading): string[] {
  const told = masks?.remarks.map((remark) => remark.replace(/^Labels/, "Predictions")) ?? [];
  return [...labels.remarks, ...told];
}

/** The options, else what classes.json next to the predictions says, if it has as many classes. */
async function classesOf(options: EvaluateOptions): Promise<{
  list: ClassList;
  declared: LabelDeclaration;
  isTyped: boolean;
}> {
  const { classNames, classColours } = options;
  const written =
    (await readClasses(options.prediction)) ??
    (await predictedStores(options.prediction)).at(0)?.classes;
  const isTyped = declaresClasses(options);
  const typed = resolveClasses(options, written?.classes ?? 2);
  const known = written?.classes === typed.classes ? written : undefined;
  const list: ClassList = {
    ...typed,
    ...(known && !classNames ? { classNames: known.classNames } : {}),
    ...(known && !classColours ? { classColours: known.classColours } : {}),
    ignore: options.ignore ?? known?.ignore,
    threshold: known?.threshold,
  };
  // Cells have two classes here, whatever network wrote the predictions.
  const isKnown = isTyped || (known && !options.instances);
  const classes = isKnown ? list.classes : undefined;
  const declared = labelDeclaration({ ...options, classes, ignore: list.ignore }, list);
  return { list, declared, isTyped };
}
