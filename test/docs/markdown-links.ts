// The links of Markdown files: which of them lead to no file and to no heading. Nothing is fetched.

import { readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const LINK = /\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\))?[^()\s<>]*)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]^]+\]:\s+<?(\S+?)>?(?:\s|$)/gm;
const HTML = /<(?:a|img|source|video)\s[^>]*?(?:href|src|srcset)="([^"]*)"/g;

/**
 * A line for each link of a file, given with its path from `root`, to a file or folder that does not exist, out of
 * the root, or to a heading that its file does not have. Anchors are checked in Markdown files only.
 */
export function brokenMarkdownLinks(root: string, file: string): string[] {
  const text = withoutCode(readFileSync(join(root, file), "utf8"));
  const targets = [LINK, REFERENCE, HTML].flatMap((kind) =>
    [...text.matchAll(kind)].map(([, target]) => target),
  );
  return [...new Set(targets)].flatMap((target) => {
    const fault = faultOf(root, file, target);
    return fault ? [`${file}: ${target || "an empty link"} ${fault}`] : [];
  });
}

function faultOf(root: string, file: string, target: string): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return undefined;
  const [path, anchor] = target.split("#");
  if (path === "" && anchor === undefined) return "leads nowhere";
  const goal = path === "" ? file : normalize(join(dirname(file), decodeURI(path)));
  if (relative(".", goal).startsWith("..")) return "leads out of the repository";
  const kind = statSync(join(root, goal), { throwIfNoEntry: false });
  if (!kind) return "leads to no file";
  if (anchor === undefined || !goal.endsWith(".md")) return undefined;
  const isThere = anchorsOf(readFileSync(join(root, goal), "utf8")).has(decodeURI(anchor));
  return isThere ? undefined : "leads to no heading";
}

/** The anchors of a Markdown text: its headings as GitHub and TypeDoc name them, and ids of HTML. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const text = markdown.replace(FENCED, "");
  for (const [, heading] of text.matchAll(/^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm)) {
    const words = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = words
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\p{Mark} _-]/gu, "")
      .replaceAll(" ", "-");
    let name = slug;
    for (let i = 1; anchors.has(name); i++) name = `${slug}-${i}`;
    anchors.add(name);
  }
  for (const [, id] of text.matchAll(/\s(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

const FENCED = /^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ {0,3}\1[`~]*[ \t]*$/gm;

const withoutCode = (text: string) =>
  text
    .replace(FENCED, "")
    .replace(/(`+)(?:(?!\1)[\s\S])+?\1/g, "code")
    .replace(/<!--[\s\S]*?-->/g, "");
