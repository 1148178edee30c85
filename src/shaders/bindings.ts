// Parses what planning needs from a shader's text: its bindings and the fields of its uniforms. The
// generator of the embedded shaders (scripts/embed-shaders.js) and `shader` use the same rules.

import {
  packable,
  picture,
  read,
  readWrite,
  type ShaderBinding,
  texture,
  uniform,
} from "./binding-kinds.js";

import { type UniformFields, uniformFields, withoutComments } from "./uniform-fields.js";

const TYPES: readonly string[] = ["u32", "f32", "i32"];

/** A binding as declared in a shader's text. */
export interface DeclaredBinding extends ShaderBinding {
  readonly name: string;
}

const BINDING =
  /@(group|binding)\(\s*(\d+)\s*\)\s*@(?:group|binding)\(\s*(\d+)\s*\)\s*var(?:<([\w, ]+)>)?\s+(\w+)\s*:\s*([^;]+);/g;
const ALIAS = /^\s*alias\s+(\w+)\s*=\s*texture_storage_2d<\s*rgba32float\s*,\s*read\s*>;/gm;
const TEXTURE = /^texture_storage_2d<\s*rgba32float\s*,\s*read\s*>$/;

/** Returns the bindings in the order of their numbers. Throws for what a plan cannot bind. */
export function declaredBindings(shader: string, wgsl: string): DeclaredBinding[] {
  const code = withoutComments(wgsl);
  const aliases = new Set([...code.matchAll(ALIAS)].map(([, alias]) => alias));
  const found: DeclaredBinding[] = [];
  for (const [, first, a, b, space = "", name, type] of code.matchAll(BINDING)) {
    const [group, number] = (first === "group" ? [a, b] : [b, a]).map(Number);
    const kind = aliases.has(type.trim())
      ? packable
      : kindOf(space.replaceAll(" ", ""), type.trim());
    const where = `shader ${shader}: the binding ${name}`;
    if (group !== 0) throw new Error(`${where} is in group ${group}: bindings must be in group 0`);
    if (!kind) {
      throw new Error(
        `${where} is a var${space && `<${space}>`} of ${type}: expected storage, a uniform of the type ` +
          "Uniforms, or a texture_storage_2d<rgba32float, read>",
      );
    }
    if (found[number]) {
      throw new Error(`${where} has the number ${number}, which ${found[number].name} has too`);
    }
    found[number] = { name, ...kind };
  }
  const missing = Array.from(found).indexOf(undefined as never);
  if (missing >= 0 || found.length === 0) {
    const next = Math.max(0, missing);
    throw new Error(`shader ${shader}: nothing has the binding ${next}: they are numbered from 0`);
  }
  checkUniforms(shader, found, uniformFields(wgsl));
  return found;
}

/** Returns what a plan binds, without names. */
export function parseBindings(shader: string, wgsl: string): ShaderBinding[] {
  return declaredBindings(shader, wgsl).map(({ name, ...binding }) => {
    if (binding.kind !== "picture") return binding;
    throw new Error(
      `shader ${shader}: the binding ${name} is a texture_2d<f32>, which plans do not bind: they copy ` +
        "tensors into a texture_storage_2d<rgba32float, read>",
    );
  });
}

function checkUniforms(shader: string, found: readonly DeclaredBinding[], fields: UniformFields) {
  for (const [field, type] of Object.entries(fields)) {
    if (TYPES.includes(type)) continue;
    throw new Error(
      `shader ${shader}: the uniform ${field} is a ${type}: expected ${TYPES.join(", ")}`,
    );
  }
  const uniforms = found.filter(({ kind }) => kind === "uniform");
  const isThere = Object.keys(fields).length > 0;
  if (uniforms.length === Number(isThere)) return;
  throw new Error(
    `shader ${shader}: it binds ${uniforms.length} uniforms and ${isThere ? "has a" : "has no"} struct ` +
      "Uniforms with fields: expected one of each, or none",
  );
}

function kindOf(space: string, type: string): ShaderBinding | undefined {
  if (space === "uniform") return type === "Uniforms" ? uniform : undefined;
  if (space === "storage,read_write") return readWrite;
  if (space === "storage,read" || space === "storage") return read;
  if (space !== "") return undefined;
  if (TEXTURE.test(type)) return texture;
  return type === "texture_2d<f32>" ? picture : undefined;
}
