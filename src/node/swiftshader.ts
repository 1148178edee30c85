// SwiftShader, the Vulkan driver that needs no GPU: taken from the npm package @sparticuz/chromium,
// unpacked once into a cache folder, and loaded into this process.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { cacheFolder } from "./cache-folder.js";
import { loadNative } from "./native.js";

const PACKAGE = "@sparticuz/chromium";

/**
 * Makes SwiftShader the Vulkan driver of this process: sets the loader's variables and loads its
 * library, which the next import of `webgpu` finds. Returns the folder, or why it is not possible.
 */
export async function loadSwiftShader(): Promise<{ folder: string } | { reason: string }> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return {
      reason: `its npm package supports only linux x64, this is ${process.platform} ${process.arch}`,
    };
  }
  const archive = findArchive();
  if (!archive) return { reason: `the npm package ${PACKAGE} is not installed` };
  const folder = unpack(archive);
  const icd = join(folder, "vk_swiftshader_icd.json");
  const library = join(folder, "libvulkan.so.1");
  try {
    await loadNative(library, { VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd });
  } catch (error) {
    return { reason: `it does not load: ${(error as Error).message}` };
  }
  return { folder };
}

/**
 * Whether this process, or its parent, uses SwiftShader as its driver: from then on the search for
 * a driver of the system finds it too.
 */
export function isSwiftShaderLoaded(): boolean {
  const driver = process.env.VK_DRIVER_FILES ?? "";
  return /micrograph\/swiftshader-[^/]+\/vk_swiftshader_icd\.json$/.test(driver);
}

function findArchive(): { path: string; version: string } | undefined {
  const require = createRequire(import.meta.url);
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      const entry = createRequire(from).resolve(PACKAGE);
      let folder = dirname(entry);
      while (!existsSync(join(folder, "bin", "swiftshader.tar.br"))) {
        const parent = dirname(folder);
        if (parent === folder) break;
        folder = parent;
      }
      const path = join(folder, "bin", "swiftshader.tar.br");
      if (!existsSync(path)) continue;
      return { path, version: require(join(folder, "package.json")).version };
    } catch {
      // Not installed here; try the next place.
    }
  }
  return undefined;
}

/**
 * Returns the unpacked folder; completed under another name first, since two processes may do this
 * at the same time.
 */
function unpack(archive: { path: string; version: string }): string {
  for (const root of [cacheFolder(), tmpdir()]) {
    const folder = join(root, "micrograph", `swiftshader-${archive.version}`);
    if (existsSync(join(folder, "vk_swiftshader_icd.json"))) return folder;
    const temporary = `${folder}.${process.pid}`;
    try {
      mkdirSync(temporary, { recursive: true });
      untar(brotliDecompressSync(readFileSync(archive.path)), temporary);
      renameSync(temporary, folder);
      return folder;
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      if (existsSync(join(folder, "vk_swiftshader_icd.json"))) return folder;
      if (root === tmpdir()) throw error;
    }
  }
  throw new Error("unreachable");
}

/** Writes the plain files of a tar archive. */
function untar(tar: Buffer, folder: string): void {
  const field = (at: number, length: number) =>
    tar.toString("latin1", at, at + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = field(at, 100);
    const size = Number.parseInt(field(at + 124, 12).trim() || "0", 8);
    const isFile = tar[at + 156] === 0x30 || tar[at + 156] === 0;
    const leaf = name.split("/").at(-1);
    if (isFile && leaf) writeFileSync(join(folder, leaf), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
