// The compute pipelines of a device. Each specialisation of a shader is compiled once.

import type { BindingKind } from "../shaders/binding-kinds.js";
import type { Shader } from "../shaders/shader.js";
import { type UniformFields, uniformFields } from "../shaders/uniform-fields.js";
import { guarded } from "./guard.js";
import { fileLine } from "./shader-lines.js";
import { specialise } from "./specialise.js";
import { hasWideVectors, texelFormat } from "./texel-format.js";

/** A compiled shader with the layout of its bindings. */
export interface Pipeline {
  /** What WebGPU compiled. */
  readonly pipeline: GPUComputePipeline;
  /** For the bind groups of its dispatches. */
  readonly layout: GPUBindGroupLayout;
  /** Fields of its uniform struct by name. */
  readonly fields: UniformFields;
  /** The WGSL after specialisation. */
  readonly code: string;
}

/** A pipeline with its source. */
export interface MadePipeline extends Omit<Pipeline, "fields"> {
  /** The entries of its bind group layout. */
  readonly entries: GPUBindGroupLayoutEntry[];
}

/** Makes a driver finish a compilation that it has deferred. Never rejects. */
export type WarmUp = (made: MadePipeline) => Promise<void>;

/** The compiled pipelines of a device, by the text of the shader and its constants. */
export interface Pipelines {
  /**
   * Compiles a pipeline, or returns the cached one. The textures at the bindings `packed` hold f16.
   * Rejects with the shader, its constants and the compiler's message.
   */
  get(
    shader: Shader,
    constants: Readonly<Record<string, number>>,
    packed?: readonly number[],
  ): Promise<Pipeline>;
  /** The format of textures that kernels read; `isPacked` if they hold f16. */
  texelFormat(isPacked: boolean): GPUTextureFormat;
  /** Number of pipelines compiled so far. */
  readonly count: number;
  /** Forgets all pipelines: later plans compile anew. */
  clear(): void;
}

/** `sourceOf` returns a shader's text; benchmarks can replace it. */
export function createPipelines(
  gpu: GPUDevice,
  sourceOf: (shader: Shader) => Promise<string> = (shader) => shader.text(),
  translate?: WarmUp,
): Pipelines {
  /** By text, since two shaders may have the same name. */
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
    // The subgroup size is only a wish: a driver may refuse a size within its advertised range.
    const plain = () => make({ ...constants, SUBGROUP: 0 });
    const isWish = constants.SUBGROUP > 0;
    const canAsk = gpu.features.has("subgroup-size-control" as GPUFeatureName);
    const made = isWish
      ? await (canAsk ? make(constants).catch(plain) : plain())
      : await make(constants);
    await translate?.(made);
    const { pipeline, layout, code } = made;
    return { pipeline, layout, code, fields: uniformFields(source) };
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
      // What failed may succeed another time: a driver can be short of memory.
      pipeline.catch(() => ofText.delete(key));
      return pipeline;
    },
    texelFormat: (isPacked) => texelFormat(isWide, isPacked),
    get count() {
      return [...compiled.values()].reduce((sum, { size }) => sum + size, 0);
    },
    clear: () => compiled.clear(),
  };
}

/** Returns the name of a specialisation: "conv2d KERNEL=3 OUT=4", "conv2d-texture OUT=8 f16=0". */
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
  /** Turns the source into the code of the pipeline. */
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
  // Compiling rejects with the error; the scopes prevent the same as an uncaptured error.
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
    // It knows nothing more if the device was lost.
    const messages = await module.getCompilationInfo().then(
      (info) => info.messages,
      () => [],
    );
    const lines = source.split("\n");
    const details = messages
      .filter(({ type }) => type === "error")
      .map(({ lineNum, linePos, message }) => {
        // Line 0 means that the compiler knows no position.
        if (lineNum === 0) return `${shader.name}.wgsl: ${plain(message)}`;
        const line = fileLine(source, write, lineNum, linePos);
        return `${shader.name}.wgsl:${line} ${plain(message)}\n  ${lines[line - 1]?.trim() ?? ""}`;
      });
    const text = details.length > 0 ? details.join("\n") : String((error as Error).message);
    throw new Error(`shader ${label} does not compile: ${text}`);
  }
}

/** A message in one line, without naga's excerpt of the code. */
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
