// The width of llvmpipe's vectors. Mesa's driver for processors takes 256 bits by itself; with 512, on a
// processor that has them, a training step takes less time. It reads the width from the
// environment whenever it is opened, so the variable is set before and stays set: another value would
// change the width under a device that is open.

import { readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const VARIABLE = "LP_NATIVE_VECTOR_WIDTH";

/**
 * Asks llvmpipe for vectors of 512 bits where that gains, unless the user has chosen a width. Returns
 * what takes the choice back, for when another adapter was opened.
 */
export function chooseVectorWidth(): () => void {
  const isOpen = process.env[VARIABLE] !== undefined;
  // A Worker's environment is a copy that no driver sees.
  if (isOpen || !isMainThread || process.platform !== "linux") return () => {};
  if (!has512BitVectors(textOf("/proc/cpuinfo"))) return () => {};
  // A device that a Worker opened keeps its width.
  if (/libvulkan_lvp/.test(textOf("/proc/self/maps"))) return () => {};
  process.env[VARIABLE] = "512";
  return () => {
    delete process.env[VARIABLE];
  };
}

/** The extensions of x86-64 from which LLVM makes vectors of 512 bits for llvmpipe. */
const EXTENSIONS = ["avx512f", "avx512bw", "avx512dq", "avx512vl"];

/** Whether the text of /proc/cpuinfo is of a processor with vectors of 512 bits. */
export function has512BitVectors(cpuinfo: string): boolean {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1].trim().split(/\s+/));
  return EXTENSIONS.every((extension) => flags.has(extension));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
