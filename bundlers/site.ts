// A folder as an app has it: the package as npm packs it in its node_modules, and a page.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Site {
  readonly folder: string;
  /** Writes a file of the app; paths are relative to its folder. */
  write(path: string, text: string): Promise<void>;
  /** Copies a compiled module of the repository, a path below dist/, to the same path. */
  copy(path: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Makes the folder, in bundlers/, so that what the package and a page need besides is found where npm
 * has installed it. The package has to be built.
 */
export async function createSite(): Promise<Site> {
  const folder = await mkdtemp(join(root, "bundlers", "site-"));
  const site: Site = {
    folder,
    write: (path, text) => writeFile(join(folder, path), text),
    copy: (path) => cp(join(root, "dist", path), join(folder, path)),
    remove: () => rm(folder, { recursive: true }),
  };
  try {
    await site.write("package.json", '{ "private": true, "type": "module" }\n');
    for (const path of await packedFiles()) {
      await cp(join(root, path), join(folder, "node_modules", "micrograph", path));
    }
  } catch (error) {
    await site.remove();
    throw error;
  }
  return site;
}

/** What `npm pack` would put into the package's archive. */
async function packedFiles(): Promise<string[]> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = { cwd: root, maxBuffer: 2 ** 26, shell: process.platform === "win32" };
  const args = ["pack", "--dry-run", "--ignore-scripts", "--json"];
  const { stdout } = await promisify(execFile)(npm, args, options);
  const [{ files }] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  return files.map(({ path }) => path);
}

interface Packed {
  readonly files: readonly { readonly path: string }[];
}
