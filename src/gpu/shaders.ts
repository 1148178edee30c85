// The embedded shaders: their names, what they bind, and their texts, which are loaded when they are
// asked for: those that a GPU runs by default in one piece, the others in another.

import { bindings } from "./shaders.generated.js";

export type BindingKind = "read" | "read_write" | "uniform" | "texture";

export interface ShaderBinding {
  readonly binding: number;
  readonly kind: BindingKind;
  /** A texture whose tensor may lie packed in 16 bits. */
  readonly isPackable?: true | undefined;
}

/** The types of the uniforms by their names, in order. */
export type UniformFields = Readonly<Record<string, "u32" | "f32" | "i32">>;

type Texts = Readonly<Record<string, string>>;

export const shaderNames: readonly string[] = Object.keys(bindings);

/**
 * The text of shaders/`name`.wgsl, without comments and unneeded blanks. Rejects for a name that
 * does not exist.
 */
export async function loadShader(name: string): Promise<string> {
  checkName(name);
  const usual = await loadUsualShaders();
  return usual[name] ?? (await import("./shaders-on-demand.generated.js")).shaders[name as never];
}

/** Loads the texts that most programs need, so that a page can do so while its GPU starts. */
export async function loadUsualShaders(): Promise<Texts> {
  return (await import("./shaders-usual.generated.js")).shaders;
}

const KINDS: Readonly<Record<string, Omit<ShaderBinding, "binding">>> = {
  r: { kind: "read" },
  w: { kind: "read_write" },
  u: { kind: "uniform" },
  t: { kind: "texture" },
  p: { kind: "texture", isPackable: true },
};

/** What the shader `name` binds, in the order of the numbers: all that planning needs to know of it. */
export function bindingsOf(name: string): ShaderBinding[] {
  checkName(name);
  return [...(bindings as Texts)[name]].map((kind, binding) => ({ binding, ...KINDS[kind] }));
}

/** Fields of the struct behind the uniform binding in a shader's text. */
export function uniformFields(source: string): UniformFields {
  const [, body = ""] = /^struct Uniforms {([^}]*)}/m.exec(source) ?? [];
  return Object.fromEntries([...body.matchAll(/^ *(\w+): (\w+)/gm)].map((found) => found.slice(1)));
}

function checkName(name: string): void {
  if (name in bindings) return;
  throw new Error(`no shader ${name}: expected one of ${shaderNames.join(", ")}`);
}
