// Runs one shader on plain arrays, through a plan like any kernel, and returns the bits that it wrote.

import type { Device } from "../gpu/device.js";
import { compilePlan } from "../gpu/plan.js";
import type { Plan } from "../gpu/plan-run.js";
import { readBuffer } from "../gpu/read.js";
import type { Dispatch } from "../graph/dispatch.js";
import { apply, type Op } from "../graph/op.js";
import { input, type Tensor } from "../graph/tensor.js";
import type { Shader } from "../shaders/shader.js";

/** Words of 32 bits: numbers of any type. */
export type Words = Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** What a shader is run on. */
export interface ShaderRun {
  readonly inputs?: readonly Words[];
  /** Words of its one output. */
  readonly words: number;
  readonly uniforms?: Readonly<Record<string, number>>;
  readonly constants?: Readonly<Record<string, number>>;
  readonly workgroups: number;
}

/** An op with one kernel that is one dispatch of a shader. */
export function opOf(
  shader: Shader,
  words: number,
  call: Omit<Dispatch, "shader" | "bindings">,
): Op<undefined> {
  return {
    name: shader.name,
    outputs: () => [{ shape: [words], layout: "dense" }],
    kernels: [
      {
        name: shader.name,
        dispatches: ({ inputs, outputs }) => [
          { shader, bindings: [...inputs, ...outputs], ...call },
        ],
      },
    ],
  };
}

/** Writes words, whose bits arrive unchanged: a float of JavaScript may lose those of a NaN. */
export function writeWords(device: Device, plan: Plan, tensor: Tensor, words: Words): void {
  const { buffer, offset = 0 } = plan.place(tensor);
  device.gpu.queue.writeBuffer(buffer, offset, words);
}

/** Reads the words of a tensor. */
export async function readWords(
  device: Device,
  plan: Plan,
  tensor: Tensor,
  count: number,
): Promise<Uint32Array<ArrayBuffer>> {
  const { buffer, offset = 0 } = plan.place(tensor);
  return new Uint32Array((await readBuffer(device, buffer, offset, count * 4)).buffer);
}

/** Runs a shader once. Throws if it does not compile or the GPU refuses it. */
export async function runShader(
  device: Device,
  shader: Shader,
  { inputs = [], words, uniforms, constants, workgroups }: ShaderRun,
): Promise<Uint32Array<ArrayBuffer>> {
  const tensors = inputs.map((values, i) => input(`input ${i}`, [values.length], "dense"));
  const op = opOf(shader, words, { uniforms, constants, workgroups: [workgroups, 1, 1] });
  const [y] = apply(op, tensors, undefined);
  const plan = await compilePlan(device, { name: shader.name, outputs: [y] });
  try {
    for (const [i, values] of inputs.entries()) writeWords(device, plan, tensors[i], values);
    plan.run();
    return await readWords(device, plan, y, words);
  } finally {
    plan.close();
  }
}
