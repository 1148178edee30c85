// The pipelines of a training step of a U-Net, as chosen by an adapter on which nothing was tuned.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { f16Bindings, type PlannedDispatch } from "../../src/gpu/dispatch-bindings.js";
import { pipelineKey } from "../../src/gpu/pipelines.js";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import { evaluate } from "../../src/gpu/specialise.js";
import type { Capabilities } from "../../src/graph/capabilities.js";
import { elementCount } from "../../src/graph/tensor.js";
import { trainingConfig } from "../../src/train/config.js";
import { stepSpec } from "../../src/train/step-graph.js";
import { createModel } from "../network.js";
import type { Pipeline, PipelineDispatch, Size } from "./results.js";

/** Which pipelines to compile. */
export interface Selection {
  /** Every kernel that an op offers, not only the first choice. */
  readonly all: boolean;
  /** A part of the labels. */
  readonly only: string;
}

export function pipelinesOf(
  capabilities: Capabilities,
  { width, tile }: Size,
  { all, only }: Selection,
): Pipeline[] {
  const found = new Map<string, Pipeline & { readonly dispatches: PipelineDispatch[] }>();
  const names = new Set<string>();
  const add = (kernel?: string) => {
    const spec = stepSpec(createModel(width), trainingConfig({ tile }));
    const choose = (_node: unknown, offered: readonly string[]) => {
      for (const name of offered) names.add(name);
      return offered.find((name) => name === kernel) ?? offered[0];
    };
    for (const step of planDispatches({ capabilities, choices: new Map() }, { ...spec, choose })) {
      const { shader, constants = {} } = step.dispatch;
      const packed = f16Bindings(step);
      const label = pipelineKey(shader.name, constants, packed);
      const known = found.get(label);
      const pipeline = known ?? {
        label,
        shader: shader.name,
        constants,
        packed,
        kernel: step.kernel,
        dispatches: [],
      };
      if (!known) found.set(label, pipeline);
      if (kernel === undefined) pipeline.dispatches.push(dispatchOf(step));
    }
  };
  add();
  if (all) for (const name of [...names]) add(name);
  return [...found.values()].filter(({ label }) => label.includes(only));
}

function dispatchOf({ node, dispatch }: PlannedDispatch): PipelineDispatch {
  const { workgroups, multiplyAdds = 0, uniforms = {} } = dispatch;
  const tensors = [...new Set(dispatch.bindings)];
  const bytes = tensors.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
  return { node: node.name, workgroups, multiplyAdds, bytes, uniforms };
}

const OWN = fileURLToPath(new URL("../../../shaders", import.meta.url));

/**
 * Returns the text of a shader: from the file in `folder` if there is one, else the repository's.
 */
export function sourceOf(shader: string, folder: string | undefined): string {
  const other = folder === undefined ? undefined : `${folder}/${shader}.wgsl`;
  if (other && existsSync(other)) return readFileSync(other, "utf8");
  const files = readdirSync(OWN, { recursive: true }).map(String);
  const own = files.find((file) => basename(file) === `${shader}.wgsl`);
  return readFileSync(`${OWN}/${own}`, "utf8");
}

/** Invocations per workgroup, from the text of a specialised shader. */
export function invocationsOf(code: string): number {
  const constants = new Map<string, number>();
  for (const [, name, type, value] of code.matchAll(/^const (\w+): (u32|bool) = ([^;]+);/gm)) {
    constants.set(name, type === "bool" ? Number(value === "true") : evaluate(value, constants));
  }
  const size = /@workgroup_size\(([^)]+)\)/.exec(code)?.[1];
  if (size === undefined) throw new Error("the shader has no @workgroup_size");
  return evaluate(size, constants);
}
