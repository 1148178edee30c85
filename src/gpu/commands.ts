// What a run encodes: dispatches, and copies into twin textures between them. Bind groups are made
// once; a run replays the list.

import type { Dispatch } from "../graph/dispatch.js";
import type { Node, Tensor } from "../graph/tensor.js";
import type { Memory } from "./memory.js";
import type { Pipeline } from "./pipelines.js";
import { encodeRecords } from "./records.js";
import { textureReads, twinParts } from "./twins.js";

/** One dispatch of a plan, its kernel compiled. */
export interface Step {
  readonly node: Node;
  /** Position of the dispatch in the plan. */
  readonly position: number;
  readonly dispatch: Dispatch;
  readonly pipeline: Pipeline;
}

interface TextureCopy {
  readonly buffer: GPUTexelCopyBufferInfo;
  readonly texture: GPUTexelCopyTextureInfo;
  readonly size: GPUExtent3DDict;
}

export interface Command {
  /** Name of the node. */
  readonly label: string;
  /** Copies that must be done before the dispatch. */
  readonly copies: readonly TextureCopy[];
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

export function createCommands(
  gpu: GPUDevice,
  name: string,
  steps: readonly Step[],
  memory: Memory,
): Command[] {
  const records = encodeRecords(
    steps.map(({ node, dispatch, pipeline }) => ({
      where: `${node.name} (${dispatch.shader})`,
      fields: pipeline.shader.record,
      values: dispatch.record ?? {},
    })),
    gpu.limits.minUniformBufferOffsetAlignment,
  );
  const uniform = memory.uniform(`${name} records`, records.bytes);
  const copied = new Set<Tensor>();
  return steps.map((step, i) => {
    const { node, dispatch, pipeline } = step;
    const storage = pipeline.shader.bindings.filter(({ kind }) => kind !== "uniform");
    if (storage.length !== dispatch.bindings.length) {
      throw new Error(
        `node ${node.name}: ${dispatch.shader} binds ${storage.length} tensors, got ${dispatch.bindings.length}`,
      );
    }
    const entries: GPUBindGroupEntry[] = storage.map(({ binding, kind }, j) => {
      const tensor = dispatch.bindings[j];
      const isTexture = kind === "texture";
      const resource = isTexture ? memory.texture(tensor).createView() : memory.binding(tensor);
      return { binding, resource };
    });
    const record = pipeline.shader.bindings.find(({ kind }) => kind === "uniform");
    if (record) {
      const { offset, size } = records.ranges[i];
      entries.push({ binding: record.binding, resource: { buffer: uniform, offset, size } });
    }
    const due = new Set(textureReads(step).filter((tensor) => !copied.has(tensor)));
    for (const tensor of due) copied.add(tensor);
    return {
      label: node.name,
      copies: [...due].flatMap((tensor) => copiesOf(tensor, memory)),
      pipeline: pipeline.pipeline,
      bindGroup: gpu.createBindGroup({ label: node.name, layout: pipeline.layout, entries }),
      workgroups: dispatch.workgroups,
    };
  });
}

function copiesOf(tensor: Tensor, memory: Memory): TextureCopy[] {
  const texture = memory.texture(tensor);
  return twinParts(tensor).map(({ tensor: part, top, width, height }) => {
    const { buffer, offset } = memory.binding(part);
    return {
      buffer: { buffer, offset, bytesPerRow: width * 16 },
      texture: { texture, origin: { y: top } },
      size: { width, height },
    };
  });
}

/**
 * Encodes one run. Copies end the compute pass, so the fewer places they stand at the better.
 * With `isNamed`, an error of the GPU names the node in its debug groups.
 */
export function encode(
  encoder: GPUCommandEncoder,
  name: string,
  commands: readonly Command[],
  isNamed = false,
): void {
  let pass: GPUComputePassEncoder | undefined;
  let current: GPUComputePipeline | undefined;
  for (const { label, copies, pipeline, bindGroup, workgroups } of commands) {
    if (copies.length > 0) {
      pass?.end();
      pass = undefined;
      for (const { buffer, texture, size } of copies) {
        encoder.copyBufferToTexture(buffer, texture, size);
      }
    }
    if (!pass) {
      pass = encoder.beginComputePass({ label: name });
      current = undefined;
    }
    if (isNamed) pass.pushDebugGroup(label);
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
    if (isNamed) pass.popDebugGroup();
  }
  pass?.end();
}
