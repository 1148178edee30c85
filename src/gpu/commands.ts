// The commands of a run: dispatches, and the copies of tensors into textures between them. Bind
// groups are created once; a run replays the list.

import type { Pausable } from "../graph/pausable.js";
import type { Tensor } from "../graph/tensor.js";
import type { Memory } from "./allocate.js";
import { boundBy, type PlannedDispatch, textureReads } from "./dispatch-bindings.js";
import type { Pipeline } from "./pipelines.js";
import { copiedRows, formatBytes } from "./texture-copies.js";
import { encodeRecords, type Records } from "./uniforms.js";

/** A dispatch with its compiled kernel. */
export interface CompiledDispatch extends PlannedDispatch {
  readonly pipeline: Pipeline;
}

/** A copy of a tensor's buffer, or of some of its rows, into a texture. */
export interface CopyCommand {
  readonly tensor: Tensor;
  readonly buffer: GPUTexelCopyBufferInfo;
  readonly texture: GPUTexelCopyTextureInfo;
  readonly size: GPUExtent3DDict;
}

export interface Command {
  readonly step: CompiledDispatch;
  /** Copies that must precede the dispatch. */
  readonly copies: readonly CopyCommand[];
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Collects the uniforms of all dispatches in one uniform buffer. */
function recordsOf(steps: readonly CompiledDispatch[], alignment: number): Records {
  const specs = steps.map(({ node, dispatch, pipeline }) => ({
    where: `${node.name} (${dispatch.shader.name})`,
    fields: pipeline.fields,
    values: dispatch.uniforms ?? {},
  }));
  return encodeRecords(specs, alignment);
}

export function* createCommands(
  gpu: GPUDevice,
  name: string,
  steps: readonly CompiledDispatch[],
  memory: Memory,
): Pausable<Command[]> {
  const records = recordsOf(steps, gpu.limits.minUniformBufferOffsetAlignment);
  const uniform = memory.uniform(`${name} records`, records.bytes);
  const copied = new Set<Tensor>();
  const commands: Command[] = [];
  for (const [i, step] of steps.entries()) {
    const { node, dispatch, pipeline } = step;
    const { name: shader, bindings } = dispatch.shader;
    const bound = boundBy(step);
    const uniforms = bindings.findIndex(({ kind }) => kind === "uniform");
    const count = bindings.length - Number(uniforms >= 0);
    if (count !== bound.length) {
      throw new Error(`node ${node.name}: ${shader} binds ${count} tensors, got ${bound.length}`);
    }
    const entries: GPUBindGroupEntry[] = bound.map(({ binding, kind, tensor }) => {
      const isTexture = kind === "texture";
      const resource = isTexture ? memory.texture(tensor).createView() : memory.binding(tensor);
      return { binding, resource };
    });
    if (uniforms >= 0) {
      const { offset, size } = records.ranges[i];
      entries.push({ binding: uniforms, resource: { buffer: uniform, offset, size } });
    }
    const due = new Set(textureReads(step).filter((tensor) => !copied.has(tensor)));
    for (const tensor of due) copied.add(tensor);
    commands.push({
      step,
      copies: [...due].flatMap((tensor) => copiesOf(tensor, memory)),
      pipeline: pipeline.pipeline,
      bindGroup: gpu.createBindGroup({ label: node.name, layout: pipeline.layout, entries }),
      workgroups: dispatch.workgroups,
    });
    yield;
  }
  return commands;
}

function copiesOf(tensor: Tensor, memory: Memory): CopyCommand[] {
  const texture = memory.texture(tensor);
  return copiedRows(tensor).map(({ tensor: part, first, count, width, texelBytes, top }) => {
    const { buffer, offset = 0 } = memory.binding(part);
    const bytesPerRow = width * texelBytes;
    return {
      tensor: part,
      buffer: { buffer, offset: offset + first * bytesPerRow, bytesPerRow },
      texture: { texture, origin: { y: top } },
      size: { width: bytesPerRow / formatBytes(texture.format), height: count },
    };
  });
}

export interface EncodeOptions {
  /** Names the nodes in debug groups, so that a GPU error names the node. */
  readonly isNamed?: boolean | undefined;
  /** Timestamps of the pass. Only for commands without copies, which need one pass. */
  readonly timestampWrites?: GPUComputePassTimestampWrites | undefined;
}

/** Encodes one run. Copies end the compute pass, so they should be in as few places as possible. */
export function encode(
  encoder: GPUCommandEncoder,
  name: string,
  commands: readonly Command[],
  { isNamed = false, timestampWrites }: EncodeOptions = {},
): void {
  let pass: GPUComputePassEncoder | undefined;
  let current: GPUComputePipeline | undefined;
  for (const command of commands) {
    const { step, copies, pipeline, bindGroup, workgroups } = command;
    if (copies.length > 0) {
      pass?.end();
      pass = undefined;
      encodeCopies(encoder, copies);
    }
    if (!pass) {
      pass = encoder.beginComputePass({ label: name, timestampWrites });
      current = undefined;
    }
    if (isNamed) pass.pushDebugGroup(step.node.name);
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
    if (isNamed) pass.popDebugGroup();
  }
  pass?.end();
}

export function encodeCopies(encoder: GPUCommandEncoder, copies: readonly CopyCommand[]): void {
  for (const { buffer, texture, size } of copies) {
    encoder.copyBufferToTexture(buffer, texture, size);
  }
}
