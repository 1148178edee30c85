// Files that were made to do harm, read as the commands and the app read them: each is refused in a sentence that
// begins with its name, before it takes time or memory, and writes nothing.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Arbitrary } from "fast-check";
import { decodeNetwork } from "../../../app/src/networks/decode-network.js";
import { readNetwork } from "../../../app/src/networks/network-files.js";
import { testPackage } from "../../../src/interchange/index.js";
import { refusal } from "../../../src/interchange/refusal.js";
import { createModel } from "../../../src/model/architectures.js";
import { openModelPackage } from "../../../src/node/model-package.js";
import { loadCheckpoint } from "../../../src/node.js";
import { flatten } from "../../../src/train/restore.js";
import type { Checkpoint } from "../../../src/train/training-types.js";
import { type FuzzKind, fuzzKind, outcome } from "../kind.js";
import type { HostileFile } from "./case.js";
import { hostileOnnx } from "./onnx.js";
import { hostilePackages } from "./packages.js";
import { hostilePickles, pickledCode } from "./pickle.js";
import { hostileSafetensors } from "./safetensors.js";
import { hostileZips } from "./zip.js";

/** A device that nothing is run on: what is hostile is refused before. */
const noDevice = new Proxy({} as Parameters<typeof testPackage>[0], {
  get(_, key) {
    throw new Error(`the device was asked for ${String(key)}`);
  },
});

/** What predictions begin with: the weights of a checkpoint, in its network. */
function restored({ metadata, tensors, models }: Checkpoint, path: string): void {
  const model = createModel(metadata.model, models);
  try {
    flatten(model, tensors);
  } catch (error) {
    throw refusal(error, path);
  }
}

/** Reads a file in all ways that its name allows; throws unless each refuses it. */
async function refused({ tries, name, bytes }: HostileFile): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "micrograph-hostile-"));
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const before = readdirSync(folder);
  const ways: Record<string, () => Promise<unknown>> = {
    "predict --checkpoint": async () => restored(await loadCheckpoint(path), path),
    "the app": async () => {
      const network = await readNetwork(new Blob([bytes as Uint8Array<ArrayBuffer>]), path);
      return restored(await decodeNetwork(network.bytes, path), path);
    },
    ...(name.endsWith(".zip") && {
      test: async () => testPackage(noDevice, await openModelPackage(path)),
    }),
  };
  try {
    const said: string[] = [];
    for (const [way, read] of Object.entries(ways)) {
      const result = await outcome(path, read).catch((error) => {
        throw new Error(`${tries}, ${way}: ${error.message}`);
      });
      if (!("refusal" in result)) throw new Error(`${tries}: ${way} accepts it`);
      said.push(result.refusal);
    }
    const after = readdirSync(folder);
    if (String(after) !== String(before)) throw new Error(`${tries}: it wrote ${after}`);
    return said;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const kind = (name: string, share: number, files: Arbitrary<HostileFile>): FuzzKind =>
  fuzzKind(name, share, files, async (file) => {
    await refused(file);
    return file.bytes.length;
  });

export const hostileKinds: readonly FuzzKind[] = [
  kind("hostile-onnx", 1, hostileOnnx),
  kind("hostile-pickles", 1, hostilePickles),
  kind("hostile-zips", 1, hostileZips),
  kind("hostile-safetensors", 1, hostileSafetensors),
  kind("hostile-packages", 1, hostilePackages),
  fuzzKind("pickled-code", 1, pickledCode, async (file) => {
    const said = await refused(file);
    const wrong = said.find((one) => !/would run|Python program|instruction/.test(one));
    if (wrong) throw new Error(`${file.tries}: it does not say what it would run: ${wrong}`);
    return 0;
  }),
];
