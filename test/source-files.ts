// The files of a package as texts, and what each imports.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export interface Import {
  /** A path from the root, or the name of a package. */
  readonly target: string;
  readonly isType: boolean;
  readonly isPackage: boolean;
}

export const withoutComments = (code: string) =>
  code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:([^"';]*?)\s+from\s+)?["']([^"']+)["']/gm;
const CALL = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

export interface SourceFiles {
  read(file: string): string;
  /** Files below a folder with an ending, as paths from the root. */
  below(folder: string, ending: string): string[];
  importsOf(file: string): Import[];
}

export function sourceFiles(root: string): SourceFiles {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  return {
    read,
    below(folder, ending) {
      if (!existsSync(join(root, folder))) return [];
      return readdirSync(join(root, folder), { recursive: true })
        .map((file) => `${folder}/${String(file).replaceAll("\\", "/")}`)
        .filter((file) => file.endsWith(ending))
        .sort();
    },
    importsOf: (file) => importsIn(read(file), file),
  };
}

function importsIn(text: string, file: string): Import[] {
  const code = withoutComments(text);
  const statements = [...code.matchAll(STATEMENT)].map(([, type, names, from]) => {
    const listed = /^\{([^}]*)\}$/
      .exec(names ?? "")?.[1]
      .split(",")
      .map((name) => name.trim());
    const allTypes = listed?.filter(Boolean).every((name) => name.startsWith("type ")) ?? false;
    return { from, isType: type !== undefined || allTypes };
  });
  // `typeof import(...)` is a type, `await import(...)` is not.
  const calls = [...code.matchAll(CALL)].map(({ 1: from, index }) => {
    return { from, isType: /typeof\s+$/.test(code.slice(0, index)) };
  });
  return [...statements, ...calls].map(({ from, isType }) => {
    if (!from.startsWith(".")) return { target: from, isType, isPackage: true };
    const target = posix.join(posix.dirname(file), from).replace(/\.js$/, ".ts");
    return { target, isType, isPackage: false };
  });
}
