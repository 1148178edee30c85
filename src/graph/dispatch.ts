// One execution of a shader, as data.

import type { Shader } from "../shaders/shader.js";
import type { Tensor } from "./tensor.js";
import type { Dispatch } from "./types.js";

export type { Dispatch } from "./types.js";

/** One tensor per name. */
export type TensorsOf<Names extends readonly string[]> = { readonly [I in keyof Names]: Tensor };

/** Values by the names of constants. Unknown names are type errors. */
export type ConstantsOf<Names extends string, Values> = Values &
  Readonly<Record<Exclude<keyof Values, Names>, never>>;

/** A value for each field of a uniform struct; nothing if there is none. */
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
 * Describes a dispatch of a shader; see `Dispatch` for the fields. The compiler checks the names:
 * an unknown constant, or a missing or superfluous uniform or tensor, is a type error. The shader
 * must keep the padding rule for what it writes: in the last group of four pixels of an image row,
 * pixels past the width are 0.
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

/** The largest number of workgroups per dimension that WebGPU guarantees. */
export const MAX_WORKGROUPS = 65535;

/**
 * Returns the workgroups for `count` items with `size` items per workgroup, folded into two
 * dimensions if one is not enough. A shader computes the index of its workgroup as `id.x + id.y *
 * num_workgroups.x`, and must ignore indices past the end.
 */
export function workgroupsFor(count: number, size: number): [number, number, number] {
  const groups = Math.max(1, Math.ceil(count / size));
  if (groups <= MAX_WORKGROUPS) return [groups, 1, 1];
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}
