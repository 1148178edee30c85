// Code that guides link to: each file and each folder is a page of its own, and in the gallery of examples code
// follows its link.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { DocumentReflection } from "typedoc";

const LANGUAGES = {
  ".ts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".wgsl": "wgsl",
  ".json": "json",
  ".py": "python",
  ".css": "css",
  ".html": "html",
  ".cff": "yaml",
};

export const CODE_GROUP = "Code";

/** The files of code and the folders that the guides link to, from the root. */
export function linkedCode(root, guides) {
  const files = guides.flatMap(([guide, text]) =>
    [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => join(dirname(guide), target))
      .filter((path) => isCode(join(root, path)) || isFolder(join(root, path)))
      .map((path) => path.replace(/\/$/, "")),
  );
  return [...new Set(files)].sort();
}

/** Adds the page of a file of code, or of a folder, to a project. */
export function addCodePage(project, root, file) {
  const text = isFolder(join(root, file)) ? listed(join(root, file)) : fenced(root, file);
  const content = [{ kind: "text", text }];
  const page = new DocumentReflection(file, project, content, { group: CODE_GROUP });
  project.addChild(page);
  project.registerReflection(page, undefined, join(root, file));
}

/** Puts the code of each example after the paragraph that links to it, folded. */
export function showExamples(content, files, root) {
  const shown = new Set();
  let waiting = [];
  /** The code of the files that were linked since it was last asked. */
  const waitingCode = () => {
    const code = waiting.map(
      (file) => `\n\n<details><summary>${file}</summary>\n\n${fenced(root, file)}\n\n</details>`,
    );
    waiting = [];
    return code.join("");
  };
  const parts = content.map((part) => {
    if (part.kind === "relative-link") {
      const file = relative(root, files.resolvePath(part.target) ?? "");
      if (file.startsWith("examples/") && !shown.has(file)) waiting.push(file);
      shown.add(file);
    }
    // A paragraph goes on after its links and its inline code, which are parts of their own.
    const end = part.kind === "text" ? part.text.search(/\n\n/) : -1;
    if (end < 0) return part;
    return { ...part, text: part.text.slice(0, end) + waitingCode() + part.text.slice(end) };
  });
  return [...parts, { kind: "text", text: waitingCode() }];
}

function fenced(root, file) {
  const text = readFileSync(join(root, file), "utf8").trimEnd();
  return `\`\`\`\`${LANGUAGES[extname(file)]}\n${text}\n\`\`\`\``;
}

/** The names in a folder. */
function listed(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`).sort();
  return `\`\`\`text\n${names.join("\n")}\n\`\`\``;
}

const kindOf = (path) => statSync(path, { throwIfNoEntry: false });
const isFolder = (path) => kindOf(path)?.isDirectory() ?? false;
const isCode = (path) => extname(path) in LANGUAGES && (kindOf(path)?.isFile() ?? false);
