// What a compiler made of one pipeline.

import type { Mix } from "./loops.js";

/** One dispatch of a training step that runs a pipeline. */
export interface PipelineDispatch {
  readonly node: string;
  readonly workgroups: readonly [number, number, number];
  /** Of the direct method; 0 where it is not counted. */
  readonly multiplyAdds: number;
  /** Of all tensors that it binds, each counted once. */
  readonly bytes: number;
  /** The sizes of its layer, as its shader gets them. */
  readonly uniforms: Readonly<Record<string, number>>;
}

/** A specialised shader and the dispatches of a step that run it. */
export interface Pipeline {
  /** Name of the specialisation (`pipelineKey`). */
  readonly label: string;
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly packed: readonly number[];
  /** Name of the kernel among those that its op offers. */
  readonly kernel: string;
  /** None for a kernel that is offered and not chosen. */
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
  /** Invocations of a workgroup. */
  readonly invocations: number;
  readonly milliseconds: number;
  /** The compiler's own statistics, by its own names. */
  readonly stats: Readonly<Record<string, number | string>>;
  readonly mix?: Mix;
  /** The file of its disassembly, when listings are kept. */
  readonly listing?: string;
}

/** Where the results of compiling go. */
export interface Reporter {
  result(result: Result): void;
  /** A pipeline that did not compile, or a family that could not be asked. */
  failure(message: string): void;
  remark(message: string): void;
}
