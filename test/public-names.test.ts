// Every name in a public signature can be imported from the entry point of the signature. Checked
// in the declarations of the package.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The origin of a name in a file. */
interface Origin {
  readonly file: string;
  readonly name: string;
}

interface Declarations {
  /** The text of each declaration at the top, exported or not. */
  readonly texts: ReadonlyMap<string, string>;
  readonly imports: ReadonlyMap<string, Origin>;
  readonly exports: ReadonlyMap<string, Origin>;
  /** Files whose exports are all re-exported. */
  readonly all: readonly string[];
}

const LIST = /^(import|export) (?:type )?\{([^}]*)\}(?: from "(\.[^"]+)")?;/gm;
const DECLARATION =
  /^(export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/gm;

const read = new Map<string, Declarations>();

function declarationsOf(file: string): Declarations {
  const known = read.get(file);
  if (known) return known;
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\/\/.*$/gm, "");
  const target = (from: string) => join(dirname(file), from.replace(/\.js$/, ".d.ts"));
  const imports = new Map<string, Origin>();
  const exports = new Map<string, Origin>();
  for (const [, kind, list, from] of text.matchAll(LIST)) {
    for (const item of list.split(",").map((item) => item.trim().replace(/^type /, ""))) {
      const [name, local = name] = item.split(" as ");
      if (name === "") continue;
      const origin = { file: from === undefined ? file : target(from), name };
      (kind === "import" ? imports : exports).set(local, origin);
    }
  }
  const texts = new Map<string, string>();
  const found = [...text.matchAll(DECLARATION)];
  for (const [i, { 1: isExported, 2: name, index }] of found.entries()) {
    const body = text.slice(index, found[i + 1]?.index);
    texts.set(name, `${texts.get(name) ?? ""}${body}`); // overloads come one by one
    if (isExported) exports.set(name, { file, name });
  }
  const all = [...text.matchAll(/^export (?:type )?\* from "(\.[^"]+)"/gm)].map(([, from]) =>
    target(from),
  );
  const result = { texts, imports, exports, all };
  read.set(file, result);
  return result;
}

/** The declaration of a name in a file. */
function resolve({ file, name }: Origin): Origin {
  if (!existsSync(file)) return { file, name };
  const { texts, imports, exports, all } = declarationsOf(file);
  if (texts.has(name)) return { file, name };
  const exported = exports.get(name);
  const isOwn = exported?.file === file && exported.name === name;
  const next = isOwn ? imports.get(name) : (exported ?? imports.get(name));
  if (next) return resolve(next);
  const from = all.find((other) => exportsOf(other).has(name));
  return from === undefined ? { file, name } : resolve({ file: from, name });
}

function exportsOf(file: string): Map<string, Origin> {
  const { exports, all } = declarationsOf(file);
  const inherited = all.flatMap((other) => [...exportsOf(other)]);
  const own = [...exports.keys()].map((name) => [name, resolve({ file, name })] as const);
  return new Map([...inherited, ...own]);
}

const keyOf = ({ file, name }: Origin) => `${file.slice(root.length)}: ${name}`;

/** The names that a declaration uses, each with its origin. */
function usedBy({ file, name }: Origin): Origin[] {
  const { texts, imports } = declarationsOf(file);
  const text = (texts.get(name) ?? "").replace(/"[^"]*"/g, "");
  // Names of properties and parameters are not uses of a type.
  const words = [...text.matchAll(/(?<![.\w]|typeof )(\w+)\b(?!\??:(?!:)| is )/g)].map(
    ([, word]) => word,
  );
  const isNamed = (word: string) => word !== name && (texts.has(word) || imports.has(word));
  return [...new Set(words)].filter(isNamed).map((word) => resolve({ file, name: word }));
}

const { exports: entries } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("every name in a public signature is exported by the entry that has the signature", () => {
  const missing: string[] = [];
  for (const [entry, conditions] of Object.entries<Record<string, string> | string>(entries)) {
    if (typeof conditions === "string") continue;
    const exported = exportsOf(join(root, conditions.types));
    const known = new Set([...exported.values()].map(keyOf));
    assert.ok(known.size > 0, entry);
    for (const [name, origin] of exported) {
      for (const used of usedBy(origin)) {
        const isOurs = used.file.startsWith(join(root, "dist/src"));
        if (isOurs && !known.has(keyOf(used)))
          missing.push(`${entry}: ${name} uses ${keyOf(used)}`);
      }
    }
  }
  assert.is([...new Set(missing)].sort().join("\n"), "");
});

test("public signatures need the types of no other package", () => {
  for (const file of read.keys()) {
    const text = readFileSync(file, "utf8");
    const from = /(?:^(?:import|export) [^;"]*from |import\()"([^."][^"]*)"/m.exec(text);
    assert.is(from?.[1], undefined, file);
  }
});

test.run();
