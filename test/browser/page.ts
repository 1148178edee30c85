// Pages for tests: a bundle of compiled modules, served from this machine, open in a browser.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type PluginBuild } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./chromium.js";

/** The folder `dist/test/browser`, to which module paths are relative. */
const here = fileURLToPath(new URL(".", import.meta.url));
export const root = join(here, "../../..");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
};

/** A test of a page that takes longer has hung. */
const PAGE_SECONDS = 120;

export interface TestPage {
  readonly page: Page;
  /**
   * Runs a function in the page and resolves with its result. Fails after `seconds`, with the
   * page's output: Playwright itself would wait for ever.
   */
  run<A, R>(work: (argument: A) => R | Promise<R>, argument?: A, seconds?: number): Promise<R>;
  readonly origin: string;
  /** Problems in the page: uncaught errors, and errors on its console. */
  readonly problems: readonly string[];
  /** Paths that the page requested, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens a page in which the exports of a module are the global `it`. The module is a path from this
 * folder, or source text that imports such paths. Other requests are answered with `files`, then
 * with the files of the repository.
 */
export async function openPage(
  source: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
  options: readonly string[] = [],
): Promise<TestPage> {
  const html = '<!doctype html><meta charset="utf-8"><script defer src="page.js"></script>';
  return openServed({ "/": html, "/page.js": await bundle(source), ...files }, options);
}

/**
 * Opens the page "/" of these files; it has to make the global `it`. The browser is started with
 * more `options` (chromium.ts).
 */
export async function openServed(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: readonly string[] = [],
): Promise<TestPage> {
  const server = await serve({ "/favicon.ico": "", ...files });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  };
  try {
    browser = await launchBrowser(options);
    const page = await browser.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.setDefaultTimeout(PAGE_SECONDS * 1000);
    await page.goto(`${origin}/`);
    await page.waitForFunction(() => "it" in globalThis);
    const run: TestPage["run"] = (work, argument, seconds = PAGE_SECONDS) =>
      within(page.evaluate(work as never, argument), seconds, problems);
    return { page, run, origin, problems, requests, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function within<T>(
  result: Promise<T>,
  seconds: number,
  problems: readonly string[],
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const heard = problems.join("; ") || "nothing";
      reject(new Error(`the page gave no answer in ${seconds} s; it reported ${heard}`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * One file that a page imports, as the global `it`; uvu is replaced by that of this folder, the
 * tests' device by the module `device`.
 */
export async function bundle(source: string, device = "./device.js"): Promise<string> {
  const isPath = source.endsWith(".js");
  const contents = isPath ? `export * from ${JSON.stringify(source)};` : source;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "it",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    // React is not installed with the tests; Preact has its API.
    alias: { react: "preact/compat", "react-dom": "preact/compat" },
    plugins: [{ name: "modules of the page", setup: (build) => standIns(build, device) }],
  });
  return outputFiles[0].text;
}

/** Tests import uvu and test/device.ts: in a page these are replaced by other modules. */
function standIns({ onResolve }: PluginBuild, device: string): void {
  onResolve({ filter: /^uvu$/ }, () => ({ path: join(here, "collected.js") }));
  onResolve({ filter: /\/device\.js$/ }, ({ resolveDir, path }) => {
    const isTest = join(resolveDir, path) === join(here, "..", "device.js");
    return isTest ? { path: join(here, device) } : undefined;
  });
}

/** A server on this machine of these files, then of the files of the repository. */
export async function serve(files: Readonly<Record<string, string | Uint8Array>>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const content =
      files[pathname] ?? (await readFile(join(root, pathname)).catch(() => undefined));
    const type = TYPES[pathname === "/" ? ".html" : extname(pathname)];
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type": type ?? "application/octet-stream",
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
