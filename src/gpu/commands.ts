// What a run encodes: dispatches, and copies into twin textures between them. Bind groups are made
// once; a run replays the list.

import type { Pausable } from "../graph/pausable.js";
import type { Tensor } from "../graph/tensor.js";
import type { Memory } from "./allocate.js";
import type { Pipeline } from "./pipelines.js";
import { boundBy, type Step } from "./planned-dispatches.js";
import { encodeRecords, type Records } from "./records.js";
import { formatBytes, textureReads, twinParts } from "./texture-copies.js";

/** A dispatch with its kernel compiled. */
export interface CompiledStep extends Step {
  readonly pipeline: Pipeline;
}

/** A copy of a tensor's buffer, or of some of its rows, into a twin. */
export interface TextureCopy {
  readonly tensor: Tensor;
  readonly buffer: GPUTexelCopyBufferInfo;
  readonly texture: GPUTexelCopyTextureInfo;
  readonly size: GPUExtent3DDict;
}

export interface Command {
  readonly step: Step;
  /** Copies that must be done before the dispatch. */
  readonly copies: readonly TextureCopy[];
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** The sizes of all dispatches, as they lie in one uniform buffer. */
function recordsOf(steps: readonly CompiledStep[], alignment: number): Records {
  const specs = steps.map(({ node, dispatch, pipeline }) => ({
    where: `${node.name} (${dispatch.shader})`,
    fields: pipeline.fields,
    values: dispatch.record ?? {},
  }));
  return encodeRecords(specs, alignment);
}

export function* createCommands(
  gpu: GPUDevice,
  name: string,
  steps: readonly CompiledStep[],
  memory: Memory,
): Pausable<Command[]> {
  const records = recordsOf(steps, gpu.limits.minUniformBufferOffsetAlignment);
  const uniform = memory.uniform(`${name} records`, records.bytes);
  const copied = new Set<Tensor>();
  const commands: Command[] = [];
  for (const [i, step] of steps.entries()) {
    const { node, dispatch, pipeline, bindings } = step;
    const bound = boundBy(step);
    const record = bindings.find(({ kind }) => kind === "uniform");
    const count = bindings.length - Number(record !== undefined);
    if (count !== bound.length) {
      throw new Error(
        `node ${node.name}: ${dispatch.shader} binds ${count} tensors, got ${bound.length}`,
      );
    }
    const entries: GPUBindGroupEntry[] = bound.map(({ binding, kind, tensor }) => {
      const isTexture = kind === "texture";
      const resource = isTexture ? memory.texture(tensor).createView() : memory.binding(tensor);
      return { binding, resource };
    });
    if (record) {
      const { offset, size } = records.ranges[i];
      entries.push({ binding: record.binding, resource: { buffer: uniform, offset, size } });
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

function copiesOf(tensor: Tensor, memory: Memory): TextureCopy[] {
  const texture = memory.texture(tensor);
  return twinParts(tensor).map(({ tensor: part, first, count, width, texelBytes, top }) => {
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
  /** With it an error of the GPU names the node in its debug groups. */
  readonly isNamed?: boolean | undefined;
  /** Timestamps of the pass; for commands without copies, which are one pass. */
  readonly timestampWrites?: GPUComputePassTimestampWrites | undefined;
}

/** Encodes one run. Copies end the compute pass, so the fewer places they stand at the better. */
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

export function encodeCopies(encoder: GPUCommandEncoder, copies: readonly TextureCopy[]): void {
  for (const { buffer, texture, size } of copies) {
    encoder.copyBufferToTexture(buffer, texture, size);
  }
}
