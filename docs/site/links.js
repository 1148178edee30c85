// Links of built pages that lead nowhere.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A line for each link in the folder's pages whose file or anchor does not exist. Nothing is fetched. */
export async function brokenLinks(folder) {
  const pages = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".html") && !/^app[\\/]/.test(name));
  const texts = new Map(
    pages.map((name) => [join(folder, name), readFileSync(join(folder, name), "utf8")]),
  );
  const anchors = new Map([...texts].map(([file, text]) => [file, idsIn(text)]));
  const lines = [];
  for (const [file, text] of texts) {
    const targets = new Set(
      [...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, target]) => target),
    );
    for (const target of targets) {
      const fault = faultOf(file, target.replaceAll("&amp;", "&"), anchors);
      if (fault) lines.push(`${file.slice(folder.length + 1)}: ${fault}`);
    }
  }
  return lines;
}

const idsIn = (text) => new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));

function faultOf(file, target, anchors) {
  if (/^[a-z]+:/i.test(target)) return undefined;
  const [path, anchor = ""] = target.split("#");
  const goal = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
  if (!isFile(goal)) return `${target} leads to no file`;
  const ids = anchors.get(goal);
  if (anchor === "" || ids === undefined || ids.has(decodeURIComponent(anchor))) return undefined;
  return `${target} leads to no heading or name`;
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
