// The built app for tests: built once per process, served from localhost under a path, opened in a
// browser.

import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { launchBrowser } from "../browser/chromium.js";

/** The app's path on the server: not the root, so that an absolute path in the app fails. */
const BASE = "/some/where/";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface AppSite {
  readonly browser: Browser;
  readonly url: string;
  /** A new browser profile, and a page in it that shows the app. */
  open(
    options?: Parameters<Browser["newContext"]>[0],
    prepare?: (context: BrowserContext) => Promise<void>,
  ): Promise<AppPage>;
  /** Ends the server but not the browser: what still works then works offline. */
  goOffline(): void;
  close(): Promise<void>;
}

export interface AppPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Uncaught errors, errors in the console, and requests to other hosts. */
  readonly problems: readonly string[];
}

/** The folder of the built app, for all tests of the process. */
let built: Promise<string> | undefined;

/** The folder of the built app. */
export function appFolder(): Promise<string> {
  built ??= buildApp().catch((error) => {
    built = undefined; // the next file builds it again
    throw error;
  });
  return built;
}

async function buildApp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-app-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const configFile = fileURLToPath(new URL("../../../app/vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "error", build: { outDir: folder } });
  return folder;
}

/** Builds the app, unless another test has, and serves it. */
export async function serveApp(): Promise<{
  readonly origin: string;
  readonly url: string;
  close(): void;
}> {
  const folder = await appFolder();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = pathname.startsWith(BASE) ? pathname.slice(BASE.length) || "index.html" : "none";
    const content = await readFile(join(folder, file)).catch(() => undefined);
    response.writeHead(content ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "" });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin, url: `${origin}${BASE}`, close };
}

/** Tries once more, and prints the error: uvu does not print those of hooks. */
async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    console.error("The app could not be opened, once more:", error);
    return await work();
  }
}

/** The served app, and a browser that opens it. */
export async function openSite(): Promise<AppSite> {
  const { origin, url, close: goOffline } = await twice(serveApp);
  const browser = await twice(launchBrowser).catch((error) => {
    goOffline();
    throw error;
  });
  return {
    browser,
    url,
    goOffline,
    async open(options = {}, prepare) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 720 },
        ...options,
      });
      await prepare?.(context);
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      const problems = watch(page, origin);
      await page.goto(url);
      return { context, page, problems };
    },
    async close() {
      for (const context of browser.contexts()) await tellOf(context);
      await browser.close();
      goOffline();
    },
  };
}

/** The problems of each page that is open. */
const problemsOf = new WeakMap<Page, readonly string[]>();

/** Prints what the pages of a test that did not end show: a test closes its context at its end. */
async function tellOf(context: BrowserContext): Promise<void> {
  for (const page of context.pages()) {
    const look = page.evaluate(() => ({
      title: document.querySelector("h1")?.textContent,
      said: [...document.querySelectorAll("[role=alert], [role=status]")].map(
        (one) => one.textContent,
      ),
      focus: document.activeElement?.outerHTML.slice(0, 300),
    }));
    const late = sleep(5000, "no answer within 5 s", { ref: false });
    const shown = await Promise.race([look, late]).catch(String);
    console.log("The page at the end of a test that failed:", {
      shown,
      problems: problemsOf.get(page),
    });
  }
}

function watch(page: Page, origin: string): string[] {
  const problems: string[] = [];
  problemsOf.set(page, problems);
  page.on("crash", () => problems.push("the page crashed"));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("request", (request) => {
    const isOwn = request.url().startsWith(origin) || /^(blob|data):/.test(request.url());
    if (!isOwn) problems.push(`a request to ${request.url()}`);
  });
  return problems;
}
