// A run of a shader, as data.

import type { Shader } from "../shaders/shader.js";
import type { Tensor } from "./tensor.js";
import type { Dispatch } from "./types.js";

export type { Dispatch } from "./types.js";

/** One tensor for each name. */
export type TensorsOf<Names extends readonly string[]> = { readonly [I in keyof Names]: Tensor };

/** Values for the names of constants, and none for others. */
export type ConstantsOf<Names extends string, Values> = Values &
  Readonly<Record<Exclude<keyof Values, Names>, never>>;

/** A value for each name of a uniform; nothing where there is none. */
export type UniformsOf<Names extends string> = [Names] extends [never]
  ? { readonly uniforms?: undefined }
  : string extends Names
    ? { readonly uniforms?: Readonly<Record<string, number>> | undefined }
    : { readonly uniforms: Readonly<Record<Names, number>> };

/** The constants, tensors and uniforms of a dispatch. */
export type CallOf<
  Constants extends string,
  Uniforms extends string,
  Tensors extends readonly string[],
  Values,
> = UniformsOf<Uniforms> & {
  readonly constants?: ConstantsOf<Constants, Values> | undefined;
  readonly bindings: TensorsOf<Tensors>;
};

/** Numbers by name. */
export type Numbers = Readonly<Record<string, number | undefined>>;

/** Values for some of the constants. */
export type SomeOf<Constants extends string> = {
  readonly [Name in Constants]?: number | undefined;
};

/**
 * A dispatch of a shader, in whose names the compiler finds mistakes: an unknown constant, a uniform or a
 * tensor that is missing or too many. See `Dispatch` for what is in it. What the shader writes keeps the
 * rule of the padding: in the last group of four of a row of an image, pixels past the width are 0.
 */
export function dispatch<
  Constants extends string,
  Uniforms extends string,
  Tensors extends readonly string[],
  Values extends Numbers,
>(
  shader: Shader<Constants, Uniforms, Tensors>,
  call: CallOf<Constants, Uniforms, Tensors, Values> &
    Pick<Dispatch, "workgroups" | "multiplyAdds">,
): Dispatch {
  return { shader, ...call } as Dispatch;
}

/** The most workgroups in one dimension that WebGPU guarantees. */
export const MAX_WORKGROUPS = 65535;

/**
 * Workgroups for `count` items at `size` items a workgroup, folded into two dimensions where one
 * is not enough. A shader finds its workgroup's index by `id.x + id.y * num_workgroups.x`, and
 * must ignore what lies past the end.
 */
export function workgroupsFor(count: number, size: number): [number, number, number] {
  const groups = Math.max(1, Math.ceil(count / size));
  if (groups <= MAX_WORKGROUPS) return [groups, 1, 1];
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}
