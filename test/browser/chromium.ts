// A browser for tests, only from npm: Chromium of @sparticuz/chromium, unpacked once into the
// user's cache folder, with its WebGPU on its own SwiftShader. Other systems use their installed
// Chrome. CHROMIUM sets another program.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { cacheFolder } from "../../src/node/cache-folder.js";

const ARGUMENTS = [
  "--enable-unsafe-webgpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // On a busy machine the software driver may not respond for long: its process must not be killed
  // for it.
  "--disable-gpu-watchdog",
  "--disable-gpu-process-crash-limit",
];

/**
 * With these its canvases are drawn by SwiftShader too. Without them there is no canvas for WebGPU:
 * the GPU process ends at the first frame of one.
 */
export const WEBGPU_CANVASES: readonly string[] = [
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
];

/** Starts a headless browser. `close` it, or Node does not end. */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const { CHROMIUM: executablePath } = process.env;
  if (executablePath) {
    return chromium.launch({ executablePath, args: [...ARGUMENTS, ...more, "--no-sandbox"] });
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    return chromium.launch({ channel: "chrome", args: [...ARGUMENTS, ...more] });
  }
  const folder = await unpackedBrowser();
  // A driver that was chosen for a Node test is not for the browser.
  const { VK_DRIVER_FILES: _, VK_ICD_FILENAMES: __, ...environment } = process.env;
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: [...ARGUMENTS, ...more, "--no-sandbox"],
    env: {
      ...environment,
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: await fontFile(folder),
    },
  });
}

/**
 * The browser's folder; completed under another name first, since two processes may do this at the
 * same time.
 */
async function unpackedBrowser(): Promise<string> {
  const { version } = createRequire(import.meta.url)(packageFile());
  const folder = join(cacheFolder(), "micrograph", `chromium-${version}`);
  for (let attempt = 1; !existsSync(folder); attempt++) {
    try {
      await unpackInto(folder);
    } catch (error) {
      // Another process may do the same at this time, and succeed.
      console.error(`Unpacking the browser, attempt ${attempt}: ${error}`);
      if (attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
  return folder;
}

async function unpackInto(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  const before = { ...process.env };
  try {
    // The package unpacks into the temporary folder, including the libraries that a minimal system
    // lacks in this runtime. It sets environment variables, which are removed again.
    process.env.TMPDIR = temporary;
    process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs20.x";
    const { default: archive } = await import("@sparticuz/chromium");
    await archive.executablePath();
    for (const part of ["chromium", "fonts/fonts", "al2023/lib"]) {
      if (!existsSync(join(temporary, part))) throw new Error(`${part} was not unpacked`);
    }
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  } finally {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) delete process.env[name];
    }
    Object.assign(process.env, before);
  }
}

/**
 * The package's fonts, without which no text has a width: its own configuration expects them
 * elsewhere.
 */
async function fontFile(folder: string): Promise<string> {
  const file = join(folder, "fonts", "here.conf");
  const directory = join(folder, "fonts", "fonts");
  await writeFile(file, `<fontconfig><dir>${directory}</dir></fontconfig>\n`);
  return file;
}

function packageFile(): string {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  return join(entry.slice(0, entry.lastIndexOf("/build/")), "package.json");
}
