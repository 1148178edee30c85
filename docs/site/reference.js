// The API reference: its entry points, what is said of them, and its headings.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** "micrograph/core" of "src/core.ts", for all entry points of the package. The whole package in one file, for
 * pages without a bundler, has the names of the first. */
export const ENTRY_POINTS = new Map(
  Object.entries(exports)
    .filter(([path, { types } = {}]) => types !== undefined && path !== "./browser")
    .map(([path, { types }]) => [
      fileURLToPath(new URL(types.replace("dist/", "").replace(/\.d\.ts$/, ".ts"), root)),
      path.replace(".", "micrograph"),
    ]),
);

/** The comment at the head of an entry point. */
export function headComment(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  const first = lines.findIndex((line) => line.startsWith("// "));
  const last = lines.findIndex((line, i) => i > first && !line.startsWith("//"));
  return lines
    .slice(first, last)
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n");
}

/** Under which heading the names of a folder of src/ are listed. */
const CATEGORIES = {
  train: "Training",
  predict: "Prediction",
  outputs: "Prediction",
  model: "Models",
  data: "Images, labels and tiles",
  browser: "Images, labels and tiles",
  metrics: "Figures",
  pictures: "Pictures",
  canvas: "Canvas",
  objects: "Objects",
  formats: "Files",
  options: "Options",
  node: "Folders, files and reports",
  gpu: "Devices, plans and tuning",
  graph: "Graphs, ops and kernels",
  ops: "Graphs, ops and kernels",
  shaders: "Graphs, ops and kernels",
  check: "Graphs, ops and kernels",
};

export const CATEGORY_ORDER = [...new Set(Object.values(CATEGORIES)), "Other"];

/** The heading for a name that a file of the project declares. */
export function categoryOf(file) {
  return CATEGORIES[/\/src\/([^/]+)\//.exec(file)?.[1]] ?? "Other";
}
