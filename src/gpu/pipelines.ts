// Compute pipelines of one device: each specialisation of a shader is compiled once.

import { type BindingKind, type UniformFields, uniformFields } from "../shaders/bindings.js";
import type { Shader } from "../shaders/shader.js";
import { guarded } from "./guard.js";
import { fileLine } from "./shader-lines.js";
import { specialise } from "./specialise.js";
import { hasWideVectors, texelFormat } from "./texel-format.js";

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Its uniforms by name. */
  readonly fields: UniformFields;
}

/** A pipeline and what it was made of. */
export interface MadePipeline extends Omit<Pipeline, "fields"> {
  readonly code: string;
  readonly entries: GPUBindGroupLayoutEntry[];
}

/** Has a driver that puts off a part of the compilation do it now. Never rejects. */
export type WarmUp = (made: MadePipeline) => Promise<void>;

/** The compiled pipelines of a device, by the text of the shader and its constants. */
export interface Pipelines {
  /**
   * Compiles, or returns the one compiled before. The textures at the bindings `packed` hold 16
   * bits. Fails with shader, constants and message.
   */
  get(
    shader: Shader,
    constants: Readonly<Record<string, number>>,
    packed?: readonly number[],
  ): Promise<Pipeline>;
  /** The format of the textures that kernels read, where `isPacked` of floats of 16 bits. */
  texelFormat(isPacked: boolean): GPUTextureFormat;
  readonly count: number;
  clear(): void;
}

/** `sourceOf` gives a shader's text; a benchmark may try another one. */
export function createPipelines(
  gpu: GPUDevice,
  sourceOf: (shader: Shader) => Promise<string> = (shader) => shader.text(),
  translate?: WarmUp,
): Pipelines {
  /** By text: two shaders may have one name. */
  const compiled = new Map<string, Map<string, Promise<Pipeline>>>();
  const isWide = hasWideVectors(gpu.adapterInfo);
  async function makePipeline(
    shader: Shader,
    source: string,
    constants: Readonly<Record<string, number>>,
    packed: readonly number[],
  ): Promise<Pipeline> {
    const wide = isWide ? await import("./wide-vectors.js") : undefined;
    const label = pipelineKey(shader.name, constants, packed);
    const make = (constants: Readonly<Record<string, number>>) => {
      const write = (text: string) => {
        const code = specialise(shader.name, text, constants, packed);
        return wide?.inWideVectors(code, packed) ?? code;
      };
      const formatOf = (binding: number) => texelFormat(isWide, packed.includes(binding));
      return compile(gpu, { shader, label, source, write }, formatOf);
    };
    // A size of subgroups is a wish: a driver may refuse what its range promises.
    const plain = () => make({ ...constants, SUBGROUP: 0 });
    const isWish = constants.SUBGROUP > 0;
    const canAsk = gpu.features.has("subgroup-size-control" as GPUFeatureName);
    const made = isWish
      ? await (canAsk ? make(constants).catch(plain) : plain())
      : await make(constants);
    await translate?.(made);
    const { pipeline, layout } = made;
    return { pipeline, layout, fields: uniformFields(source) };
  }
  return {
    async get(shader, constants, packed = []) {
      const source = await sourceOf(shader);
      const ofText = compiled.get(source) ?? new Map<string, Promise<Pipeline>>();
      compiled.set(source, ofText);
      const key = pipelineKey(shader.name, constants, packed);
      const known = ofText.get(key);
      if (known) return known;
      const pipeline = makePipeline(shader, source, constants, packed);
      ofText.set(key, pipeline);
      return pipeline;
    },
    texelFormat: (isPacked) => texelFormat(isWide, isPacked),
    get count() {
      return [...compiled.values()].reduce((sum, { size }) => sum + size, 0);
    },
    clear: () => compiled.clear(),
  };
}

/** Name of a specialisation: "conv2d KERNEL=3 OUT=4", "conv2d-texture OUT=8 f16=0". */
export function pipelineKey(
  shader: string,
  constants: Readonly<Record<string, number>>,
  packed: readonly number[] = [],
): string {
  const names = Object.keys(constants).sort();
  const parts = names.map((name) => `${name}=${constants[name]}`);
  return [shader, ...parts, ...(packed.length > 0 ? [`f16=${packed}`] : [])].join(" ");
}

interface Code {
  readonly shader: Shader;
  readonly label: string;
  readonly source: string;
  /** Makes the code of the pipeline of the source. */
  write(source: string): string;
}

async function compile(
  gpu: GPUDevice,
  { shader, label, source, write }: Code,
  formatOf: (binding: number) => GPUTextureFormat,
): Promise<MadePipeline> {
  const entries = shader.bindings.map(({ kind }, binding) =>
    layoutEntry(binding, kind, formatOf(binding)),
  );
  const code = write(source);
  // Compiling rejects with what is wrong: the scopes keep the same from being an uncaptured error.
  const { value } = guarded(gpu, label, () => {
    const layout = gpu.createBindGroupLayout({ label, entries });
    const module = gpu.createShaderModule({ label, code });
    const created = gpu.createComputePipelineAsync({
      label,
      layout: gpu.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    return { layout, module, created };
  });
  const { layout, module, created } = value;
  try {
    const pipeline = await created;
    return { pipeline, layout, code, entries };
  } catch (error) {
    const info = await module.getCompilationInfo();
    const lines = source.split("\n");
    const details = info.messages
      .filter(({ type }) => type === "error")
      .map(({ lineNum, linePos, message }) => {
        // Where the compiler knows no place, which is line 0, the file is named.
        if (lineNum === 0) return `${shader.name}.wgsl: ${plain(message)}`;
        const line = fileLine(source, write, lineNum, linePos);
        return `${shader.name}.wgsl:${line} ${plain(message)}\n  ${lines[line - 1]?.trim() ?? ""}`;
      });
    const text = details.length > 0 ? details.join("\n") : String((error as Error).message);
    throw new Error(`shader ${label} does not compile: ${text}`);
  }
}

/** A message without naga's drawing of the line, and in one line. */
function plain(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => line !== "" && !/^(┌─|│|\d+ │)/.test(line));
  return said.map((line) => line.replace(/^= /, "")).join("; ");
}

const BUFFER_TYPES: Readonly<Partial<Record<BindingKind, GPUBufferBindingType>>> = {
  uniform: "uniform",
  read: "read-only-storage",
  read_write: "storage",
};

function layoutEntry(
  binding: number,
  kind: BindingKind,
  format: GPUTextureFormat,
): GPUBindGroupLayoutEntry {
  const visibility = GPUShaderStage.COMPUTE;
  return kind === "texture"
    ? { binding, visibility, storageTexture: { access: "read-only", format } }
    : { binding, visibility, buffer: { type: BUFFER_TYPES[kind] } };
}
