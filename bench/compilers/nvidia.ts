// Compiles with NVIDIA's NVRTC, from WGSL that is translated to CUDA.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nvidiaCapabilities } from "./capabilities.js";
import { toCuda } from "./cuda.js";
import { type Compiled, compileAll, type Job } from "./job.js";
import { mixOf } from "./loops.js";
import { invocationsOf } from "./pipelines.js";
import type { Reporter } from "./results.js";

const NVRTC = fileURLToPath(new URL("../../../bench/compilers/nvrtc.py", import.meta.url));
/** Lanes of a warp. */
const WARP = 32;

/** Compiles the pipelines of an NVIDIA family. `cuda`: the folder of CUDA's files. */
export async function compileForNvidia(job: Job, cuda: string, reporter: Reporter): Promise<void> {
  let count = 0;
  const compile = async (_pipeline: unknown, code: string) => {
    const stem = `${job.folder}/${String(count++).padStart(4, "0")}`;
    return compileCuda(code, job.family.chip, cuda, stem);
  };
  await compileAll(job, nvidiaCapabilities(job.family, job.without), compile, reporter);
}

function compileCuda(code: string, chip: string, cuda: string, stem: string): Compiled {
  const libraries = `${cuda}/usr/lib/x86_64-linux-gnu`;
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: "utf8", env, maxBuffer: 2 ** 28, stdio: "pipe" });
  const start = performance.now();
  writeFileSync(`${stem}.cu`, toCuda(code));
  run("python3", NVRTC, `${libraries}/libnvrtc.so.11.2`, `${stem}.cu`, `${stem}.cubin`, chip);
  const milliseconds = Math.round(performance.now() - start);
  const usage = run(`${cuda}/usr/bin/cuobjdump`, "-res-usage", `${stem}.cubin`);
  const listing = run(`${cuda}/usr/bin/nvdisasm`, "-c", `${stem}.cubin`);
  writeFileSync(`${stem}.sass`, listing);
  const stats = statsOf(chip, usage, listing, invocationsOf(code));
  return { milliseconds, stats, mix: mixOf(listing, "nvidia"), listing: `${stem}.sass` };
}

/** `usage`: cuobjdump's output on registers, stack and workgroup memory. */
function statsOf(chip: string, usage: string, listing: string, invocations: number) {
  const field = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(usage)?.[1] ?? 0);
  const registers = field("REG");
  // For sm_90 it includes what the system reserves.
  const { reserved } = MULTIPROCESSORS[chip];
  const shared = Math.max(0, field("SHARED") - (chip === "sm_90" ? reserved : 0));
  const instructions = listing
    .split("\n")
    .filter((line) => /^\s+(@!?U?P\w+ )?[A-Z]/.test(line.replace(/\/\*.*?\*\//g, ""))).length;
  return {
    Registers: registers,
    "Spilled VGPRs": (field("STACK") + field("LOCAL")) / 4,
    "LDS size": shared,
    Instructions: instructions,
    "Code size": instructions * 16,
    "Warps per SM": warpsOf(chip, registers, shared, invocations),
  };
}

/** The limits of a multiprocessor, from CUDA's programming guide. */
interface Multiprocessor {
  readonly warps: number;
  readonly workgroups: number;
  /** Bytes of workgroup memory. */
  readonly shared: number;
  /** Bytes of them that the system reserves for each workgroup. */
  readonly reserved: number;
}

const MULTIPROCESSORS: Readonly<Record<string, Multiprocessor>> = {
  sm_75: { warps: 32, workgroups: 16, shared: 64 << 10, reserved: 0 },
  sm_80: { warps: 64, workgroups: 32, shared: 164 << 10, reserved: 1024 },
  sm_86: { warps: 48, workgroups: 16, shared: 100 << 10, reserved: 1024 },
  sm_87: { warps: 48, workgroups: 16, shared: 164 << 10, reserved: 1024 },
  sm_89: { warps: 48, workgroups: 24, shared: 100 << 10, reserved: 1024 },
  sm_90: { warps: 64, workgroups: 32, shared: 228 << 10, reserved: 1024 },
};
const REGISTERS = 65536;
/** Registers are allocated to a warp in blocks of this size. */
const REGISTER_BLOCK = 256;

/** Warps that a multiprocessor can hold at once. */
function warpsOf(chip: string, registers: number, shared: number, invocations: number): number {
  const most = MULTIPROCESSORS[chip];
  const warps = Math.ceil(invocations / WARP);
  const ofWarp = Math.ceil((registers * WARP) / REGISTER_BLOCK) * REGISTER_BLOCK;
  const ofWorkgroup = shared + most.reserved;
  const workgroups = Math.min(
    most.workgroups,
    Math.floor(most.warps / warps),
    Math.floor(REGISTERS / (ofWarp * warps)),
    ofWorkgroup > 0 ? Math.floor(most.shared / ofWorkgroup) : Infinity,
  );
  return workgroups * warps;
}
