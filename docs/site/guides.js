// The guides: every page of text of the repository, by group and in the order in which they are read.

import { existsSync, readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const PROJECT = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "bench/README.md",
  "bench/RESULTS.md",
];

/** What people need who change the project, not those who use it. */
const FOR_CONTRIBUTORS = /\/(architecture|inside|kernels|lavapipe|releasing|style|testing)\.md$/;

/** The text files that become pages, without README.md: it is the first page. Paths from the root. */
export function guideFiles() {
  const names = readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md"));
  const files = [...names.map((name) => `docs/${name}`), ...PROJECT];
  const order = readingOrder();
  const place = (file) => (order.includes(file) ? order.indexOf(file) : order.length);
  return files
    .filter((file) => existsSync(new URL(file, root)))
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** The order in which docs/README.md names them. */
function readingOrder() {
  const contents = new URL("docs/README.md", root);
  if (!existsSync(contents)) return [];
  const links = readFileSync(contents, "utf8").matchAll(/\]\((?:\.\/)?([\w-]+\.md)[#)]/g);
  return ["docs/README.md", ...new Set([...links].map(([, name]) => `docs/${name}`))];
}

/** The heading under which a guide is listed. */
export function guideGroup(file) {
  if (!file.startsWith("docs/")) return "Project";
  return FOR_CONTRIBUTORS.test(file) ? "For contributors" : "Guides";
}

export const GUIDE_GROUPS = ["Guides", "For contributors", "Project"];
