// The embedded shaders: their names, what they bind, and their text, which for most of those that a
// GPU does not run by default is loaded when it is asked for.

import { interfaces, shaders } from "./shaders.generated.js";

export type BindingKind = "read" | "read_write" | "uniform" | "texture";

export interface ShaderBinding {
  readonly binding: number;
  readonly kind: BindingKind;
  /** A texture whose tensor may lie packed in 16 bits. */
  readonly isPackable?: true;
}

export interface RecordField {
  readonly name: string;
  readonly type: "u32" | "f32" | "i32";
}

/** What a shader asks for, whatever its constants. */
export interface ShaderInterface {
  /** In the order of their binding numbers. */
  readonly bindings: readonly ShaderBinding[];
  /** Fields of the struct behind the uniform binding, in order; empty without one. */
  readonly record: readonly RecordField[];
}

type Texts = Readonly<Record<string, string>>;

export const shaderNames: readonly string[] = Object.keys(interfaces);

/**
 * The text of shaders/`name`.wgsl, without comments and indentation. Rejects for a name that does
 * not exist.
 */
export async function loadShader(name: string): Promise<string> {
  const text = (shaders as Texts)[name];
  if (text !== undefined) return text;
  checkName(name);
  const more = await import("./shaders-on-demand.generated.js");
  return (more.shaders as Texts)[name];
}

const KINDS: Readonly<Record<string, Omit<ShaderBinding, "binding">>> = {
  r: { kind: "read" },
  w: { kind: "read_write" },
  u: { kind: "uniform" },
  t: { kind: "texture" },
  p: { kind: "texture", isPackable: true },
};

/** Bindings and record of the shader `name`: all that planning needs to know of it. */
export function interfaceOf(name: string): ShaderInterface {
  checkName(name);
  const [kinds, ...fields] = (interfaces as Texts)[name].split(" ");
  const record = fields.map((field) => {
    const [name, type = "u32"] = field.split(":");
    return { name, type: type as RecordField["type"] };
  });
  const bindings = [...kinds].map((kind, binding) => ({ binding, ...KINDS[kind] }));
  return { bindings, record };
}

function checkName(name: string): void {
  if (name in interfaces) return;
  throw new Error(`no shader ${name}: expected one of ${shaderNames.join(", ")}`);
}
