// One family at one size: what to compile, and how a pipeline becomes a result.

import { specialise } from "../../src/gpu/specialise.js";
import type { Capabilities } from "../../src/graph/capabilities.js";
import type { Family } from "./families.js";
import type { Mix } from "./loops.js";
import { invocationsOf, pipelinesOf, type Selection, sourceOf } from "./pipelines.js";
import type { Pipeline, Reporter, Size } from "./results.js";

export interface Job extends Selection {
  readonly family: Family;
  readonly size: Size;
  /** A folder of WGSL files that replace the repository's files of the same names. */
  readonly shaders?: string;
  /** Features that the adapter is assumed not to have. */
  readonly without: readonly string[];
  /** Flags for Dawn, such as "enable-dawn-features=...". */
  readonly dawn: readonly string[];
  /** Whether to plan only, without compiling. */
  readonly list: boolean;
  /** The folder for the compilers' output; it is empty. */
  readonly folder: string;
}

/** The compiler's results for a pipeline, without what is known before. */
export interface Compiled {
  readonly milliseconds: number;
  readonly stats: Readonly<Record<string, number | string>>;
  readonly mix?: Mix;
  readonly listing?: string;
}

/**
 * Plans, and compiles one pipeline after the other with `compile`, which gets its specialised WGSL.
 * Failures are reported, and the others are compiled.
 */
export async function compileAll(
  job: Job,
  capabilities: Capabilities,
  compile: (pipeline: Pipeline, code: string) => Promise<Compiled>,
  reporter: Reporter,
): Promise<void> {
  const { family, size, shaders, list } = job;
  const what = `${family.name}, width ${size.width}, tile ${size.tile}`;
  const pipelines = pipelinesOf(capabilities, size, job);
  if (pipelines.length === 0) reporter.failure(`${what}: no pipeline's label has "${job.only}"`);
  for (const pipeline of pipelines) {
    const { label, shader, constants, packed } = pipeline;
    try {
      const code = specialise(shader, sourceOf(shader, shaders), constants, packed);
      const invocations = invocationsOf(code);
      const compiled = list ? { milliseconds: 0, stats: {} } : await compile(pipeline, code);
      reporter.result({ family: family.name, ...size, ...pipeline, invocations, ...compiled });
    } catch (error) {
      const { stderr, message } = error as { stderr?: unknown; message: string };
      const text = String(stderr || message).trim();
      reporter.failure(`${what}: ${label}: ${text.slice(0, 400)}`);
    }
  }
}
