// Writes docs/options.md from the tables of src/options/, using dist/. With --check it only reports
// whether the file is up to date, and exits with 1 if it is not.
import { readFileSync, writeFileSync } from "node:fs";
import { AUGMENTATIONS } from "../dist/src/data/augmentation-config.js";
import { AUGMENTATION_OPTIONS } from "../dist/src/options/augmentation.js";
import { flagOf } from "../dist/src/options/command-line.js";
import { RUNNING_OPTIONS, TUNING_OPTIONS } from "../dist/src/options/command-options.js";
import { LABEL_OPTIONS, OBJECT_OPTIONS } from "../dist/src/options/label.js";
import { NETWORK_OPTIONS } from "../dist/src/options/network.js";
import { PREDICTION_OPTIONS, SEPARATION_OPTIONS } from "../dist/src/options/prediction-options.js";
import { expected } from "../dist/src/options/rules.js";
import { TRAINING_OPTIONS } from "../dist/src/options/training.js";
import { UNET_OPTIONS } from "../dist/src/options/unet-options.js";
import { INSTANCE_W0, RUN_DEFAULTS, RUN_PRESETS } from "../dist/src/train/recipes.js";

/** "--best <FIGURE>" as `--best FIGURE`, in a cell of a table. */
const optionText = (key, { value }) =>
  `\`${flagOf(key)}${value ? ` ${value.replaceAll("|", "\\|")}` : ""}\``;

/** The default, and those of the sample and the presets if they differ. */
function defaultText(key, row, sets) {
  const value = typeof row.default === "boolean" ? (row.default ? "on" : "off") : row.default;
  const usual = String(row.usual ?? value ?? "none");
  const others = Object.entries(sets)
    .filter(([, values]) => key in values && values[key] !== row.default)
    .map(([name, values]) => `${name}: ${values[key] === true ? "on" : values[key]}`);
  return [row.nested ? "paper" : usual, ...others].join("; ");
}

function table(rows, sets = {}) {
  const lines = Object.entries(rows).map(([key, row]) => {
    const choices = row.nested ? Object.keys(AUGMENTATIONS) : row.choices;
    const range = choices?.join(", ") ?? expected(row);
    const words = row.isFixed ? `${row.words}. A resumed run keeps it` : row.words;
    const isSwitch = typeof row.default === "boolean";
    const cells = [words, isSwitch ? "" : range, defaultText(key, row, sets)];
    return `| ${[optionText(key, row), ...cells].join(" | ")} |`;
  });
  return ["| option | what it does | value | default |", "|---|---|---|---|", ...lines].join("\n");
}

const runs = Object.fromEntries(
  Object.entries({ sample: RUN_DEFAULTS.sample, ...RUN_PRESETS }).map(([name, run]) => {
    const { augmentation, ...training } = run.training;
    const set = Object.entries(AUGMENTATIONS).find(([, one]) => one === augmentation)?.[0];
    const values = { ...run.model, ...training };
    return [name, set === "paper" ? values : { ...values, augmentation: set }];
  }),
);
const groups = (group) =>
  Object.fromEntries(Object.entries(TRAINING_OPTIONS).filter(([, row]) => row.group === group));

const text = `# Options

<!-- Written by \`npm run docs:options\` from src/options/. Do not edit. -->

The options of a network and of its training, with their valid values. In a program they are the
fields of \`modelConfig\` and \`trainingConfig\`, in camel case: \`--learning-rate\` is \`learningRate\`. The
defaults are those for images of your own; "sample" is the embedded sample, "paper" and "small" are
the presets of \`--preset\`. \`micrograph train --help\` also lists the options about data and folders.

## Network

\`--model\` chooses the network; \`--channels\` is only for \`info --plan\` and \`tune\`.

${table(NETWORK_OPTIONS, runs)}

Of a U-Net only, with what they are in the paper's as the default. [Which U-Nets of other programs](own-ops-and-models.md#u-nets-of-other-programs)
they make:

${table(UNET_OPTIONS)}

## Training

${table({ ...groups("Training"), ...RUNNING_OPTIONS }, runs)}

## Single cells

With \`--instances\`, or \`--sample nuclei\`. \`--w0\` is then ${INSTANCE_W0} unless it is given, and 0 with a
border class.

${table(OBJECT_OPTIONS)}

## Recipe

${table(groups("Recipe"), runs)}

## Augmentation

\`--augmentation\` chooses the set to start from, and each other option changes one of its values. The
defaults below are those of \`none\`.

${table({ ...groups("Augmentation"), ...AUGMENTATION_OPTIONS }, { ...runs, paper: AUGMENTATIONS.paper })}

## Labels

How labels are read if the files do not say it: options of \`train\`, \`compare\`, \`evaluate\` and \`gallery\`.

${table(LABEL_OPTIONS)}

## Prediction

${table({ ...PREDICTION_OPTIONS, ...SEPARATION_OPTIONS })}

## Tuning

\`tune\` has these, and the options of a network that affect its layers.

${table(TUNING_OPTIONS)}
`;

const target = new URL("../docs/options.md", import.meta.url);
const read = () => {
  try {
    return readFileSync(target, "utf8");
  } catch {
    return "";
  }
};
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (read() !== text) {
  console.error(
    "docs/options.md does not match the tables of src/options/: run npm run docs:options",
  );
  process.exitCode = 1;
}
