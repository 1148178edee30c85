// `micrograph evaluate`: predictions against labels, by the EM challenge's figures and by class.

import { dirname } from "node:path";
import { type Command, Option } from "commander";
import type { ClassList } from "../data/classes.js";
import type { PageMode } from "../formats/image-file.js";
import { readClasses } from "../node/class-file.js";
import { ensureFolder, writeFileAtomic } from "../node/files.js";
import { createReader } from "../node/image-files.js";
import { findPredictions, loadClasses, loadSlice } from "../node/predictions.js";
import { addClassOptions, ignoreOption, labelOptions, resolveClasses } from "./class-options.js";
import { type Evaluation, evaluationJson, evaluationLines } from "./evaluate-report.js";
import { pagesOption } from "./image-options.js";
import { createJudge } from "./judge.js";
import { parseNumber } from "./numbers.js";
import { createProgress, type Progress } from "./progress.js";
import type { Context } from "./services.js";

export interface EvaluateOptions {
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
    .summary("judge predictions by labels")
    .description(
      "Reads <name>-probability.png where it is, else the mask <name>.png, for each label <name>.png,\n" +
        "and prints a table a slice and in all: with two classes the figures of the EM challenge of\n" +
        "2012 (thresholds 0, 0.1 ... 1; cells are white), and IoU, Dice, precision and recall of each\n" +
        "class; with more classes the latter of each class, from the masks of class indices. A legend says\n" +
        "which definition each number is. classes.json, which predict writes beside its masks, tells\n" +
        "how the classes are called, and what the training's labels ignore.",
    )
    .requiredOption("--prediction <DIR>", "folder that predict wrote into")
    .requiredOption("--labels <DIR>", "folder of labels, or a TIFF stack, paired by name")
    .addOption(
      number("--classes <N>", "number of classes (default: as predict wrote it down, else 2)"),
    )
    .addOption(ignoreOption())
    .addOption(pagesOption())
    .option("--output <FILE>", "also write the JSON into a file")
    .option("--json", "print as JSON; progress goes to standard error")
    .action(async (options: EvaluateOptions) => done(await runEvaluate(options, context)))
    .addHelpText(
      "after",
      `\nExample:\n  ${context.invocation} evaluate --prediction masks --labels em/label`,
    );
  addClassOptions(evaluate);
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
    return 0;
  } finally {
    progress.stop();
  }
}

async function evaluate(options: EvaluateOptions, progress: Progress): Promise<Evaluation> {
  const { ignore, ...fields } = await classesOf(options);
  const reading = labelOptions(fields, ignore);
  const { pages } = options;
  const { pairs, remarks } = await findPredictions(options.prediction, options.labels, { pages });
  for (const remark of remarks) progress.line(remark);
  const read = createReader({ pages });
  const judge = createJudge(fields);
  for (const [index, pair] of pairs.entries()) {
    progress.update(
      index,
      pairs.length,
      `${pair.prediction.image} (${index + 1} of ${pairs.length})`,
    );
    if (fields.classes === 2) judge.addSlice(pair.name, await loadSlice(read, pair, reading));
    else {
      const { label, predicted } = await loadClasses(read, pair, reading);
      judge.addClasses(pair.name, label, predicted);
    }
  }
  return judge.evaluation();
}

/** What was typed, over what stands beside the predictions where that is of as many classes. */
async function classesOf(options: EvaluateOptions): Promise<ClassList> {
  const { classNames, classColours, ignore } = options;
  const written = await readClasses(options.prediction);
  const typed = resolveClasses(options, written?.classes ?? 2);
  if (written?.classes !== typed.classes) return { ...typed, ignore };
  const names = classNames ? {} : { classNames: written.classNames };
  const colours = classColours ? {} : { classColours: written.classColours };
  return { ...typed, ...names, ...colours, ignore: ignore ?? written.ignore };
}
