// Files with networks: checkpoints, and what other programs write, which becomes one.

import { architectureOf, encodeSafetensors } from "../../../src/index.js";
import { type GivenFile, weightReader } from "./weight-files.js";

/** The bytes of a checkpoint's file, and sentences on what was assumed. */
export interface NetworkFile {
  readonly bytes: Uint8Array;
  readonly remarks: readonly string[];
  /** Whether it is a package with tensors to test it by. */
  readonly isPackage: boolean;
  /** Paths of the other files that its weights were read from. */
  readonly weightPaths: readonly string[];
}

const ENDINGS = /\.(safetensors|onnx|pt|pth|bin|ckpt)$/i;

/** Whether a file of that name holds a network. */
export const isNetworkName = (path: string) => ENDINGS.test(path);

/** Reads the network of a file; weights outside of it are read from `given`. Errors begin with its path. */
export async function readNetwork(
  file: Blob,
  path: string,
  given: readonly GivenFile[] = [],
): Promise<NetworkFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isPackage = /\.zip$/i.test(path);
  // Damaged ones are refused when they are decoded.
  if (/\.safetensors$/i.test(path) && (architectureOf(bytes) !== undefined || isOwn(bytes))) {
    return { bytes, remarks: [], isPackage, weightPaths: [] };
  }
  const { importFile } = await import("../../../src/interchange/index.js");
  const used = new Set<string>();
  const readExternal = weightReader(path, given, used);
  const { checkpoint, remarks } = await importFile(bytes, path, { readExternal });
  return { bytes: encodeSafetensors(checkpoint), remarks, isPackage, weightPaths: [...used] };
}

/** Whether a zip file is a package of the bioimage.io zoo, and not a project. */
export async function isModelPackage(file: Blob, path: string): Promise<boolean> {
  const { isZippedPackage } = await import("../../../src/interchange/index.js");
  try {
    return isZippedPackage(new Uint8Array(await file.arrayBuffer()), path);
  } catch {
    return false; // a damaged file is reported where it is read as a project
  }
}

/** Whether a safetensors file says that this program wrote it, or is none. */
function isOwn(bytes: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(bytes.subarray(8, 4096));
  return !text.startsWith("{") || text.includes('"micrograph":');
}
