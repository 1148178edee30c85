// Compiles with a Vulkan driver of Mesa, in a separate process, since the driver and driver.c take
// the chip and their settings from the environment.

import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Family } from "./families.js";
import { DRIVERS, type Installation } from "./installation.js";
import type { Job } from "./job.js";
import type { Reporter, Result } from "./results.js";

/** What the child reports. */
export type Message =
  | { readonly result: Result }
  | { readonly failure: string }
  | { readonly remark: string }
  | { readonly isDone: true };

const CHILD = fileURLToPath(new URL("vulkan-child.js", import.meta.url));

/** Messages of Mesa if there is no GPU. */
const NOISE = /ac_compute_device|not a recognized|Unknown (drm|DRM)|conformant/;

/** Compiles the pipelines of an AMD or Intel family. Nothing is executed. */
export async function compileForVulkan(
  job: Job,
  at: Installation,
  reporter: Reporter,
): Promise<void> {
  const manifest = `${job.folder}/driver.json`;
  const driver = { library_path: at.layer, api_version: "1.4.305" };
  writeFileSync(manifest, JSON.stringify({ file_format_version: "1.0.0", ICD: driver }));
  const child = fork(CHILD, [JSON.stringify(job)], {
    env: environmentOf(job, manifest, at),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const output of [child.stdout, child.stderr] as Readable[]) {
    createInterface(output).on("line", (line) => {
      if (!NOISE.test(line)) reporter.remark(`${job.family.name}: ${line}`);
    });
  }
  let isDone = false;
  child.on("message", (message: Message) => {
    if ("result" in message) reporter.result(message.result);
    else if ("failure" in message) reporter.failure(message.failure);
    else if ("remark" in message) reporter.remark(message.remark);
    else isDone = true;
  });
  const by = await ending(child);
  if (!isDone) {
    const { width, tile } = job.size;
    reporter.failure(
      `${job.family.name}, width ${width}, tile ${tile}: the driver's process ended with ${by}, its other pipelines are missing`,
    );
  }
}

/** Resolves when the process has ended and all its output was read. */
const ending = (child: ChildProcess) =>
  new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });

function environmentOf(job: Job, manifest: string, at: Installation): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...chipOf(job.family, at) };
  env.VK_ICD_FILENAMES = manifest;
  delete env.VK_DRIVER_FILES; // it would be used instead
  env.GPUSTAT_OUT = job.folder;
  delete env.GPUSTAT_SUBGROUP;
  if (job.family.subgroup !== undefined) env.GPUSTAT_SUBGROUP = `${job.family.subgroup}`;
  return env;
}

/** Makes Mesa's driver treat the machine's GPU as one of the family. */
const chipOf = ({ maker, chip }: Family, { shim }: Installation): Record<string, string> =>
  maker === "amd"
    ? { GPUSTAT_DRIVER: DRIVERS.amd, RADV_FORCE_FAMILY: chip }
    : {
        GPUSTAT_DRIVER: DRIVERS.intel,
        INTEL_STUB_GPU_PLATFORM: chip,
        INTEL_FORCE_PROBE: "*", // chips that this Mesa does not yet accept by default
        LD_PRELOAD: shim,
      };
