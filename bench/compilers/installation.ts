// The location of the compilers, which `install` fetches and builds.

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Family } from "./families.js";
import type { Maker } from "./instructions.js";

/** Mesa's drivers, of Debian's package mesa-vulkan-drivers. */
export const DRIVERS = {
  amd: "/usr/lib/x86_64-linux-gnu/libvulkan_radeon.so",
  intel: "/usr/lib/x86_64-linux-gnu/libvulkan_intel.so",
} as const;

export interface Installation {
  readonly folder: string;
  /** driver.c, compiled. */
  readonly layer: string;
  /** Mesa's kernel driver that simulates an Intel GPU. */
  readonly shim: string;
  /** NVIDIA's CUDA, unpacked. */
  readonly cuda: string;
}

export function installation(folder = process.env.GPU_COMPILERS): Installation {
  const root = folder || join(tmpdir(), "gpu-compilers");
  return {
    folder: root,
    layer: join(root, "libgpustat.so"),
    shim: join(root, "libintel_noop_drm_shim.so"),
    cuda: join(root, "cuda"),
  };
}

/** Returns a sentence about the first file that one of the families needs and that is missing. */
export function missingFor(families: readonly Family[], at: Installation): string | undefined {
  const needs: Readonly<Record<Maker, readonly string[]>> = {
    amd: [at.layer, DRIVERS.amd],
    intel: [at.layer, at.shim, DRIVERS.intel],
    nvidia: [at.cuda],
  };
  for (const { name, maker } of families) {
    const file = needs[maker].find((path) => !existsSync(path));
    if (file === undefined) continue;
    return `${name} needs ${file}, which is missing: run bench/compilers/install as root on Debian 12 with bookworm-backports (it installs into ${at.folder}; GPU_COMPILERS sets another folder)`;
  }
  return undefined;
}
