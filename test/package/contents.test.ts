// What the package holds, as npm would pack it: everything that its fields name, and nothing else.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Everything that may ship. */
const SHIPS = [
  /^(?:LICENSE|README\.md|package\.json)$/,
  /^dist\/src\/.+\.(?:js|js\.map|d\.ts)$/,
  /^dist\/core\/[^/]+\.(?:js|js\.map)$/,
  /^dist\/typescript-5\/[^/]+\.d\.ts$/,
  /^dist\/micrograph(?:-[a-z]+)?\.min\.js$/,
  /^networks\/[a-z]+\.safetensors$/,
  /^shaders\/[a-z0-9-]+\/[^/]+\.wgsl$/,
];
/** Packed 4.1 MB, of which networks 0.7, unpacked 13.4 MB: a file that slips in, such as a picture, is noticed. */
const MOST_BYTES = { size: 4_250_000, unpackedSize: 13_900_000 };

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

test("the package holds what its fields name, every module with its types, and nothing else", () => {
  const isWindows = process.platform === "win32";
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const output = execFileSync(isWindows ? "npm.cmd" : "npm", args, {
    cwd: root,
    shell: isWindows,
    stdio: ["ignore", "pipe", "ignore"],
  }).toString();
  const [packed]: Packed[] = JSON.parse(output);
  const paths = new Set(packed.files.map(({ path }) => path));

  const strangers = [...paths].filter((path) => !SHIPS.some((pattern) => pattern.test(path)));
  assert.equal(strangers, []);

  const missing = (wanted: readonly string[]) => wanted.filter((path) => !paths.has(path));
  assert.equal(missing(targetsOf(about)), []);
  const modules = filesBelow("src", /\.ts$/).map((path) => `dist/${path.slice(0, -3)}`);
  assert.ok(modules.length > 300);
  assert.equal(missing(modules.flatMap((path) => [`${path}.js`, `${path}.d.ts`])), []);
  assert.equal(missing(filesBelow("shaders", /\.wgsl$/)), []);

  assert.ok(packed.size < MOST_BYTES.size, `packed: ${packed.size} bytes`);
  assert.ok(
    packed.unpackedSize < MOST_BYTES.unpackedSize,
    `unpacked: ${packed.unpackedSize} bytes`,
  );
});

test("CITATION.cff has the version of the package", () => {
  const citation = readFileSync(join(root, "CITATION.cff"), "utf8");
  assert.is(/^version: (.+)$/m.exec(citation)?.[1], about.version);
});

/** The files that package.json names: entry points, types, programs, scripts for pages. */
function targetsOf({ exports, bin, unpkg, jsdelivr }: typeof about): string[] {
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [] : Object.values(entry as Record<string, string>),
  );
  const targets: string[] = [...entries, ...Object.values<string>(bin), unpkg, jsdelivr];
  return [...new Set(targets.map((path) => path.replace("./", "")))];
}

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => `${folder}/${String(path).replaceAll("\\", "/")}`)
    .filter((path) => pattern.test(path));
}

test.run();
