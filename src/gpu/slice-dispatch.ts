// One dispatch as several: each runs some of the workgroups. The text of any shader is changed for it in
// one way: `main` gets its workgroup's place in the whole grid, and the size of that grid, from the uniforms.
// Every workgroup computes what it does in one dispatch, so the results are equal to the bit.

import type { Dispatch } from "../graph/dispatch.js";
import type { Shader } from "../shaders/shader.js";

/** Workgroups along x, y and z. */
export type Grid = readonly [number, number, number];

/** A box of workgroups within a grid. */
export interface GridSlice {
  readonly first: Grid;
  readonly workgroups: Grid;
}

/** Cuts a grid into `count` boxes of about equal size, or fewer if it has fewer workgroups. */
export function cutGrid(workgroups: Grid, count: number, first: Grid = [0, 0, 0]): GridSlice[] {
  const axis = workgroups.indexOf(Math.max(...workgroups));
  const cuts = Math.min(count, workgroups[axis]);
  if (cuts <= 1) return [{ first, workgroups }];
  const edge = (i: number) => Math.floor((workgroups[axis] * i) / cuts);
  return Array.from({ length: cuts }, (_, i) => {
    const from = first.with(axis, first[axis] + edge(i)) as unknown as Grid;
    const size = workgroups.with(axis, edge(i + 1) - edge(i)) as unknown as Grid;
    return cutGrid(size, Math.ceil(count / cuts), from);
  }).flat();
}

/** Returns the dispatches that together do what `dispatch` does, with their shares of its work. */
export function sliceDispatch(
  dispatch: Dispatch,
  count: number,
): { readonly dispatch: Dispatch; readonly share: number }[] {
  const shader = sliced(dispatch.shader);
  const [gridX, gridY, gridZ] = dispatch.workgroups;
  return cutGrid(dispatch.workgroups, count).map(({ first, workgroups }) => {
    const [sliceX, sliceY, sliceZ] = first;
    const place = { sliceX, sliceY, sliceZ, gridX, gridY, gridZ };
    const [x, y, z] = workgroups;
    return {
      dispatch: { ...dispatch, shader, workgroups, uniforms: { ...place, ...dispatch.uniforms } },
      share: (x * y * z) / (gridX * gridY * gridZ),
    };
  });
}

const FIELDS = "sliceX: u32, sliceY: u32, sliceZ: u32, gridX: u32, gridY: u32, gridZ: u32,";

function sliced(shader: Shader): Shader {
  const { name, bindings } = shader;
  const has = bindings.some(({ kind }) => kind === "uniform");
  return {
    name,
    bindings: has ? bindings : [...bindings, { kind: "uniform" }],
    text: async () => inSlices(name, await shader.text(), bindings.length),
  };
}

/** Changes the text of a shader; `next` is the number of its first free binding. */
export function inSlices(name: string, wgsl: string, next: number): string {
  const variable = /var<uniform>\s*(\w+)\s*:\s*Uniforms/.exec(wgsl)?.[1];
  const code = variable
    ? wgsl.replace(/\bstruct\s+Uniforms\s*\{/, `$& ${FIELDS}`)
    : `${wgsl}\nstruct Uniforms { ${FIELDS} }\n@group(0) @binding(${next}) var<uniform> uniforms: Uniforms;\n`;
  const main = /\bfn\s+main\s*\(([^{]*)\)\s*\{/.exec(code);
  if (!main) throw new Error(`shader ${name} has no function main`);
  const of = variable ?? "uniforms";
  const first = `vec3u(${of}.sliceX, ${of}.sliceY, ${of}.sliceZ)`;
  const size = /@workgroup_size\(([^)]*)\)/.exec(code)?.[1].split(",") ?? [];
  const [x, y = "1", z = "1"] = size.map((side) => side.trim()).filter((side) => side !== "");
  const values: Readonly<Record<string, (given: string) => string>> = {
    workgroup_id: (given) => `${given} + ${first}`,
    num_workgroups: () => `vec3u(${of}.gridX, ${of}.gridY, ${of}.gridZ)`,
    global_invocation_id: (given) => `${given} + ${first} * vec3u(${x}, ${y}, ${z})`,
  };
  const places: string[] = [];
  const head = main[0].replace(
    /@builtin\((workgroup_id|num_workgroups|global_invocation_id)\)(\s*)(\w+)/g,
    (_, builtin: string, blank: string, parameter: string) => {
      const given = `${parameter}_in_slice`;
      places.push(`let ${parameter} = ${values[builtin](given)};`);
      return `@builtin(${builtin})${blank}${given}`;
    },
  );
  return code.replace(main[0], () => `${head} ${places.join(" ")}`);
}
