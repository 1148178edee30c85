// How shaders use their bindings: what plans read of every shader.

/**
 * How a shader uses a binding: a buffer to read, or to read and write; uniforms; a texture; a
 * picture of a page.
 */
export type BindingKind = "read" | "read_write" | "uniform" | "texture" | "picture";

/** A binding of a shader. */
export interface ShaderBinding {
  /** How the shader uses it. */
  readonly kind: BindingKind;
  /** A texture that can hold f16: its type is an `alias`. */
  readonly isPackable?: true | undefined;
}

export const read: ShaderBinding = { kind: "read" };
export const readWrite: ShaderBinding = { kind: "read_write" };
export const uniform: ShaderBinding = { kind: "uniform" };
export const texture: ShaderBinding = { kind: "texture" };
export const packable: ShaderBinding = { kind: "texture", isPackable: true };
/** A texture of 8 bits per channel. Only micrograph/canvas binds these; no plan does. */
export const picture: ShaderBinding = { kind: "picture" };
