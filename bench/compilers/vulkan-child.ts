// The process that compiles for one family with Dawn and a Vulkan driver (vulkan.ts). Its argument
// is a job as JSON; results are sent to its parent.

import { readdirSync, readFileSync } from "node:fs";
import { createPipelines, type Pipelines } from "../../src/gpu/pipelines.js";
import * as embedded from "../../src/shaders/embedded.generated.js";
import * as general from "../../src/shaders/general.generated.js";
import type { Shader } from "../../src/shaders/shader.js";
import { openWithout } from "./capabilities.js";
import { type Compiled, compileAll, type Job } from "./job.js";
import { mixOf } from "./loops.js";
import { sourceOf } from "./pipelines.js";
import type { Pipeline } from "./results.js";
import type { Message } from "./vulkan.js";

const job = JSON.parse(process.argv[2]) as Job;
const { family, folder } = job;
const sent: Promise<void>[] = [];
const send = (message: Message) => {
  sent.push(new Promise((resolve) => process.send?.(message, () => resolve())));
};

const dawn = await import("webgpu");
Object.assign(globalThis, dawn.globals);
/**
 * Exported, so that it lives as long as the process: if it were collected before its device, the
 * process would abort.
 */
export const gpu = dawn.create([...job.dawn]);
try {
  const device = await openWithout(gpu, job.without);
  send({ remark: `${family.name}: ${adapterText(device.gpu)}` });
  const pipelines = createPipelines(device.gpu, async ({ name }) => sourceOf(name, job.shaders));
  const compileOne = (pipeline: Pipeline) => compile(pipelines, pipeline);
  await compileAll(job, device.capabilities, compileOne, {
    result: (result) => send({ result }),
    failure: (failure) => send({ failure }),
    remark: (remark) => send({ remark }),
  });
} catch (error) {
  send({ failure: `${family.name}: ${(error as Error).message}` });
}
send({ isDone: true });
await Promise.all(sent);
process.exit(0); // Dawn would wait for a GPU that does nothing

function adapterText({ adapterInfo: info, features }: GPUDevice): string {
  const { vendor, architecture, subgroupMinSize, subgroupMaxSize } = info;
  const kind = `${vendor} ${architecture || "of no known architecture"}`;
  const subgroups = `subgroups of ${subgroupMinSize} to ${subgroupMaxSize}`;
  const names = [...features].sort().join(", ");
  return `${info.description} ${info.device}, ${kind}, ${subgroups}, ${names}`;
}

/** driver.c writes the statistics and listings of each pipeline to files with its number. */
async function compile(pipelines: Pipelines, pipeline: Pipeline): Promise<Compiled> {
  const { label, shader: name, constants, packed } = pipeline;
  const shader = Object.values<Shader>({ ...embedded, ...general }).find(
    (one) => one.name === name,
  ) as Shader;
  process.env.GPUSTAT_LABEL = label;
  const before = new Set(readdirSync(folder));
  const start = performance.now();
  await pipelines.get(shader, constants, packed);
  const milliseconds = Math.round(performance.now() - start);
  const files = readdirSync(folder).filter((name) => !before.has(name));
  const statistics = files.find((name) => name.endsWith(".stats.txt"));
  if (!statistics) throw new Error("the driver wrote no statistics");
  const stats = statsOf(readFileSync(`${folder}/${statistics}`, "utf8"));
  const assembly = files.find((name) => /assembly/i.test(name));
  if (!assembly) return { milliseconds, stats };
  const listing = `${folder}/${assembly}`;
  return { milliseconds, stats, mix: mixOf(readFileSync(listing, "utf8"), family.maker), listing };
}

/** One line per statistic: its name, a tab, its value. */
function statsOf(text: string): Record<string, number | string> {
  const lines = text.trim().split("\n");
  const fields = lines.map((line) => line.split("\t"));
  return Object.fromEntries(
    fields.map(([name, value]) => [name, /^-?[\d.e+]+$/.test(value) ? Number(value) : value]),
  );
}
