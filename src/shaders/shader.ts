// A shader as a value: what it is called, what it binds, and its text.

import { kindOf } from "../arguments/numbers.js";
import { parseBindings, type ShaderBinding } from "./bindings.js";

export type { BindingKind, ShaderBinding } from "./bindings.js";

/**
 * A compute shader in WGSL with the entry point `main`. By its types a compiler knows what a dispatch of
 * it may say: the names of its `const` lines, those of the fields of its uniforms, and those of the
 * tensors that it binds, in order.
 */
export interface Shader<
  Constants extends string = string,
  Uniforms extends string = string,
  Tensors extends readonly string[] = readonly string[],
> {
  /** What errors and profiles call it; no two of the engine's have one name. */
  readonly name: string;
  /** Of each binding of group 0, by its number. */
  readonly bindings: readonly ShaderBinding[];
  /** The WGSL; the engine's own is loaded when it is asked for. */
  text(): Promise<string>;
  /** Never there: it carries the types. */
  readonly types?: {
    readonly constants: Constants;
    readonly uniforms: Uniforms;
    readonly tensors: Tensors;
  };
}

/**
 * A shader of your own. Its text keeps to the rules of the engine's, which are in the folder shaders/ of
 * the package:
 *
 * - bindings are numbered from 0 in group 0, each `var<storage, read>`, `var<storage, read_write>`, or
 *   `var<uniform> NAME: Uniforms`; a texture is `texture_storage_2d<rgba32float, read>`;
 * - `struct Uniforms` has fields of u32, i32 or f32;
 * - `const NAME: type = value;` at the start of a line can be set by a dispatch.
 *
 * Throws where the bindings or the uniforms are others. With type arguments its dispatches are checked
 * by the compiler: `shader<"LANES", "count", ["x", "y"]>(name, wgsl)`.
 */
export function shader<
  Constants extends string = string,
  Uniforms extends string = string,
  Tensors extends readonly string[] = readonly string[],
>(name: string, wgsl: string): Shader<Constants, Uniforms, Tensors> {
  if (typeof name !== "string" || name === "") {
    throw new Error(`shader: a shader has a name, got ${kindOf(name)}`);
  }
  if (typeof wgsl !== "string") {
    throw new Error(`shader ${name}: the text must be WGSL, got ${kindOf(wgsl)}`);
  }
  return { name, bindings: parseBindings(name, wgsl), text: async () => wgsl };
}
