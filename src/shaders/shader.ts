// Shaders as values: a name, bindings and a text.

import { kindOf } from "../arguments/numbers.js";
import type { ShaderBinding } from "./binding-kinds.js";
import { parseBindings } from "./bindings.js";

export type { BindingKind, ShaderBinding } from "./binding-kinds.js";

/**
 * A compute shader in WGSL with the entry point `main`. Its type has the names of its `const`
 * lines, of its uniforms and of the tensors it binds, in order, so that the compiler can check
 * dispatches.
 */
export interface Shader<
  Constants extends string = string,
  Uniforms extends string = string,
  Tensors extends readonly string[] = readonly string[],
> {
  /** The name in errors and profiles. Each of the engine's shaders has a different one. */
  readonly name: string;
  /** The bindings of group 0, by number. */
  readonly bindings: readonly ShaderBinding[];
  /** Returns the WGSL; the engine's own texts are loaded when needed. */
  text(): Promise<string>;
  /** Never set: it only carries the types. */
  readonly types?: {
    readonly constants: Constants;
    readonly uniforms: Uniforms;
    readonly tensors: Tensors;
  };
}

/**
 * Creates a shader of your own. Its text must follow the rules of the engine's shaders, which are
 * in the folder shaders/ of the package:
 *
 * - bindings are numbered from 0 in group 0, each `var<storage, read>`, `var<storage, read_write>`,
 *   or
 *   `var<uniform> NAME: Uniforms`; a texture is `texture_storage_2d<rgba32float, read>`;
 * - `struct Uniforms` has fields of u32, i32 or f32;
 * - `const NAME: type = value;` at the start of a line can be set by a dispatch.
 *
 * Throws if the bindings or the uniforms are different. With type arguments the compiler checks its
 * dispatches: `shader<"LANES", "count", ["x", "y"]>(name, wgsl)`.
 */
export function shader<
  Constants extends string = string,
  Uniforms extends string = string,
  Tensors extends readonly string[] = readonly string[],
>(name: string, wgsl: string): Shader<Constants, Uniforms, Tensors> {
  if (typeof name !== "string" || name === "") {
    throw new Error(`shader: the name of a shader must be a string, got ${kindOf(name)}`);
  }
  if (typeof wgsl !== "string") {
    throw new Error(`shader ${name}: the text must be WGSL, got ${kindOf(wgsl)}`);
  }
  return { name, bindings: parseBindings(name, wgsl), text: async () => wgsl };
}
