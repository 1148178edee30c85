// A compiler's results for one pipeline.

import type { Mix } from "./loops.js";

/** One dispatch of a training step that runs a pipeline. */
export interface PipelineDispatch {
  readonly node: string;
  readonly workgroups: readonly [number, number, number];
  /** Of the direct method; 0 if not counted. */
  readonly multiplyAdds: number;
  /** Of all tensors that it binds, each counted once. */
  readonly bytes: number;
  /** The sizes of its layer, as passed to its shader. */
  readonly uniforms: Readonly<Record<string, number>>;
}

/** A specialised shader and the dispatches of a step that run it. */
export interface Pipeline {
  /** Name of the specialisation (`pipelineKey`). */
  readonly label: string;
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly packed: readonly number[];
  /** Name of the kernel among those of its op. */
  readonly kernel: string;
  /** None for a kernel that is offered but not chosen. */
  readonly dispatches: readonly PipelineDispatch[];
}

export interface Size {
  /** Channels of the first level. */
  readonly width: number;
  /** Side of the tile in pixels. */
  readonly tile: number;
}

export interface Result extends Pipeline, Size {
  readonly family: string;
  /** Invocations per workgroup. */
  readonly invocations: number;
  readonly milliseconds: number;
  /** The compiler's own statistics, with its names. */
  readonly stats: Readonly<Record<string, number | string>>;
  readonly mix?: Mix;
  /** The file of its disassembly, if listings are kept. */
  readonly listing?: string;
}

/** Receives the results of compiling. */
export interface Reporter {
  result(result: Result): void;
  /** A pipeline that did not compile, or a family whose compiler could not be run. */
  failure(message: string): void;
  remark(message: string): void;
}
