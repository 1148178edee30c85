// A page that imports the package, built as the bundlers' own guides say.

import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import type { Site } from "./site.js";

/** Path in the page's folder -> content; "/" is the page. */
export type Built = Readonly<Record<string, Uint8Array>>;
/** Builds the page whose module is `entry`, a file of the site. */
export type Build = (site: Site, entry: string) => Promise<Built>;

const pageWith = (script: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>${script}</html>\n`;

async function outputFolder({ folder }: Site, name: string): Promise<string> {
  const output = join(folder, name);
  await mkdir(output, { recursive: true });
  return output;
}

/** All files of a folder; its index.html is the page. */
async function filesOf(folder: string): Promise<Built> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = `/${relative(folder, join(parentPath, name)).split(sep).join("/")}`;
    const content = await readFile(join(parentPath, name));
    return [path === "/index.html" ? "/" : path, content] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

export const withVite: Build = async (site, entry) => {
  await site.write("index.html", pageWith(`<script type="module" src="/${entry}"></script>`));
  const outDir = await outputFolder(site, "vite");
  await vite({
    configFile: false,
    root: site.folder,
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "es2022" },
  });
  return filesOf(outDir);
};

/** `splitting` keeps what is loaded when needed apart; without it esbuild writes one file. */
export const withEsbuild =
  ({ splitting }: { readonly splitting: boolean }): Build =>
  async (site, entry) => {
    const outdir = await outputFolder(site, splitting ? "esbuild" : "esbuild-one-file");
    await esbuild({
      entryPoints: { page: join(site.folder, entry) },
      outdir,
      bundle: true,
      minify: true,
      splitting,
      format: "esm",
      target: "es2022",
      logLevel: "error",
    });
    const script = '<script type="module" src="page.js"></script>';
    await writeFile(join(outdir, "index.html"), pageWith(script));
    return filesOf(outdir);
  };

/** What is used of webpack, which is installed in bundlers/ alone. */
type Webpack = (
  options: object,
  done: (
    error: Error | null,
    stats?: { hasErrors(): boolean; toString(what: string): string },
  ) => void,
) => void;

export const withWebpack: Build = async (site, entry) => {
  const path = await outputFolder(site, "webpack");
  // Seen from dist/bundlers, where this file runs.
  const loader = new URL("../../bundlers/tools.js", import.meta.url);
  const { load } = (await import(loader.href)) as { load(name: string): Promise<unknown> };
  const { default: webpack } = (await load("webpack")) as { default: Webpack };
  await new Promise<void>((resolve, reject) => {
    const options = {
      mode: "production",
      target: ["web", "es2022"],
      context: site.folder,
      entry: `./${entry}`,
      output: { path, filename: "page.js" },
    };
    webpack(options, (error, stats) => {
      if (error) reject(error);
      else if (stats?.hasErrors()) reject(new Error(stats.toString("errors-only")));
      else resolve();
    });
  });
  await writeFile(join(path, "index.html"), pageWith('<script defer src="page.js"></script>'));
  return filesOf(path);
};

/** No bundler: a script in the page imports a file of the package by its path there. */
export const withoutBundler =
  (path: string): Build =>
  async (site) => {
    const folder = await outputFolder(site, `plain-${basename(path)}`);
    await cp(join(site.folder, "node_modules/micrograph/dist"), join(folder, "micrograph"), {
      recursive: true,
    });
    const code = `import * as micrograph from "./micrograph/${path}"; globalThis.it = micrograph;`;
    await writeFile(join(folder, "index.html"), pageWith(`<script type="module">${code}</script>`));
    return filesOf(folder);
  };
