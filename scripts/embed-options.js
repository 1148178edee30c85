// Writes next to each table of src/options/ a module, such as training-rules.generated.ts, with the
// valid values and the default of each option, in the order of config.json. A page that trains
// loads this; the descriptions in the rows are for the command line, the app and docs/options.md.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const folder = new URL("../src/options/", import.meta.url);
const RULE = [
  "default",
  "whole",
  "least",
  "above",
  "most",
  "below",
  "choices",
  "nested",
  "pattern",
  "form",
];

/** Returns the exports of a file of tables. */
async function tablesOf(name) {
  const entry = fileURLToPath(new URL(`${name}.ts`, folder));
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

function writeModule(name, text) {
  const target = new URL(name, folder);
  let old = "";
  try {
    old = readFileSync(target, "utf8");
  } catch {}
  if (old !== text) writeFileSync(target, text);
}

const TABLES = {
  network: "NETWORK_OPTIONS",
  "unet-options": "UNET_OPTIONS",
  augmentation: "AUGMENTATION_OPTIONS",
  training: "TRAINING_OPTIONS",
  "prediction-options": "PREDICTION_OPTIONS",
  label: "LABEL_OPTIONS",
};

for (const [name, table] of Object.entries(TABLES)) {
  const { [table]: rows, STORED_FIRST: first = [] } = await tablesOf(name);
  const keys = [...new Set([...first, ...Object.keys(rows)])];
  const lines = keys.map((key) => {
    const rule = Object.fromEntries(RULE.map((field) => [field, rows[key][field]]));
    return `  ${key}: ${JSON.stringify(rule)},`;
  });
  writeModule(
    `${name}-rules.generated.ts`,
    `// Generated from ${name}.ts by scripts/embed-options.js. Do not edit.
import type { ${table} } from "./${name}.js";
import type { Rules } from "./rules.js";
export const ${table.split("_")[0].toLowerCase()}Rules: Rules<typeof ${table}> = {
${lines.join("\n")}
};
`,
  );
}

// A page checks these when it loads the code of a U-Net that differs from the paper's.
const { UNET_OPTIONS: unet } = await tablesOf("unet-options");
const defaults = Object.entries(unet).map(([key, row]) => [key, row.default]);
writeModule(
  "unet-defaults.generated.ts",
  `// Generated from unet-options.ts by scripts/embed-options.js. Do not edit.
import type { UNET_OPTIONS } from "./unet-options.js";
import type { OptionValues } from "./rules.js";
export const unetDefaults: OptionValues<typeof UNET_OPTIONS> = ${JSON.stringify(Object.fromEntries(defaults))};
`,
);
