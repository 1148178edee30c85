// Translates a specialised WGSL kernel of the engine to CUDA C++, to be compiled by NVIDIA's
// compiler. By regular expressions, since the shaders use only a small part of WGSL. Buffers become
// parameters that do not alias, functions become lambdas, workgroup memory becomes shared memory.
// Textures and subgroup operations are not translated. Tint's clamps and loop guards are missing.

import { CUDA_PRELUDE } from "./cuda-prelude.js";

const TYPES: Readonly<Record<string, string>> = {
  u32: "unsigned",
  i32: "int",
  f32: "float",
  bool: "bool",
  vec2f: "vec2f",
  vec4f: "vec4f",
  vec2u: "vec2u",
  vec3u: "vec3u",
  vec4u: "vec4u",
};

const BUILTINS: Readonly<Record<string, string>> = {
  local_invocation_index: "threadIdx.x",
  workgroup_id: "vec3u{blockIdx.x, blockIdx.y, blockIdx.z}",
  num_workgroups: "vec3u{gridDim.x, gridDim.y, gridDim.z}",
};

const UNTRANSLATED =
  /\b(texture[_A-Z]\w*|subgroup[A-Z]\w*|quad(Broadcast|Swap)\w*|atomic\w*|f16)\b/;

/**
 * Returns the CUDA C++ of a specialised shader: the prelude, then one function `kernel`. Throws if
 * the shader uses anything that is not translated.
 */
export function toCuda(wgsl: string): string {
  const code = withoutAliases(uncommented(wgsl));
  const foreign = UNTRANSLATED.exec(code);
  if (foreign) throw new Error(`${foreign[0]} is not translated to CUDA`);
  const { text, parameters, shared } = withoutVariables(code);
  const { before, size, entry, body } = splitMain(translateStatements(text));
  const { rest, functions } = withoutFunctions(before);
  return [
    CUDA_PRELUDE,
    rest,
    `extern "C" __global__ void __launch_bounds__(${size}) kernel(${parameters.join(", ")}) {`,
    ...shared,
    ...builtinsOf(entry),
    ...functions,
    body,
  ].join("\n");
}

/** Removes comments, and everything that only requests language features or a subgroup size. */
const uncommented = (wgsl: string) =>
  wgsl
    .replace(/ *(\/\/.*)?$/gm, "")
    .replace(/^(enable [^;]+; *)+/gm, "")
    .replace(/ *@subgroup_size\([^)]*\)/g, "");

/** Puts types in the places of their other names. */
function withoutAliases(wgsl: string): string {
  let text = wgsl;
  for (const [line, name, type] of wgsl.matchAll(/^alias (\w+) = (\w+);$/gm)) {
    text = text.replace(line, "").replace(new RegExp(`\\b${name}\\b`, "g"), type);
  }
  return text;
}

/** Removes buffers and workgroup memory: they become parameters and shared memory. */
function withoutVariables(wgsl: string) {
  const parameters: string[] = [];
  const shared: string[] = [];
  const text = wgsl
    .replace(
      /^@group\(0\) @binding\(\d+\) var<(storage, read|storage, read_write|uniform)> (\w+): ([^;]+);$/gm,
      (_, space: string, name: string, type: string) => {
        parameters.push(parameter(space, name, type));
        return "";
      },
    )
    .replace(/^var<workgroup> (\w+): ([^;]+);$/gm, (_, name: string, type: string) => {
      shared.push(`  __shared__ ${declare(type, name)};`);
      return "";
    });
  return { text, parameters, shared };
}

function parameter(space: string, name: string, type: string): string {
  if (space === "uniform") return `const ${type} ${name}`;
  const element = typeOf(/^array<(\w+)/.exec(type)?.[1] ?? type);
  return `${space === "storage, read" ? "const " : ""}${element}* __restrict__ ${name}`;
}

/** Translates structs, constants, variables, literals and swizzles in place. */
const translateStatements = (wgsl: string) =>
  wgsl
    .replace(/^struct (\w+) \{([^}]*)\}/gm, (_, name: string, body: string) => {
      const fields = [...body.matchAll(/(\w+): (\w+)/g)];
      const lines = fields.map(([, field, type]) => `  ${declare(type, field)};`);
      return `struct ${name} {\n${lines.join("\n")}\n};`;
    })
    .replace(
      /^const (\w+): (\w+) = /gm,
      (_, name: string, type: string) => `constexpr ${typeOf(type)} ${name} = `,
    )
    .replace(
      /\bvar (\w+): (array<[^=;]*>|\w+)( = |;)/g,
      (_, name: string, type: string, end: string) =>
        `${declare(type, name)}${end === ";" ? " = {};" : end}`,
    )
    .replace(/\bvar (\w+) = /g, "auto $1 = ")
    .replace(/\blet (\w+)(: \w+)? = /g, "const auto $1 = ")
    .replace(/\bu32\(/g, "unsigned(")
    .replace(/\bf32\(/g, "float(")
    .replace(/\bworkgroupBarrier\(\)/g, "__syncthreads()")
    .replace(/\b(\d+\.\d*(?:e-?\d+)?|\d+e-?\d+)\b(?!f)/g, "$1f")
    .replace(/,(\s*\))/g, "$1")
    .replace(/\.([xyzw]{2,4})\b(?!\()/g, ".$1()");

/** Splits the text into what precedes `main`, its size, its parameters and its body. */
function splitMain(text: string) {
  const found =
    /^([\s\S]*?)@compute @workgroup_size\(([^)]*)\)\s*fn main\(([\s\S]*?)\) \{\n([\s\S]*)$/.exec(
      text,
    );
  if (!found) throw new Error("the shader has no fn main after @compute @workgroup_size(...)");
  const [, before, size, entry, body] = found;
  return { before, size, entry, body };
}

const builtinsOf = (entry: string) =>
  [...entry.matchAll(/@builtin\((\w+)\) (\w+): /g)].map(([, builtin, name]) => {
    if (!(builtin in BUILTINS)) throw new Error(`@builtin(${builtin}) is not translated to CUDA`);
    return `  const auto ${name} = ${BUILTINS[builtin]};`;
  });

/** Removes functions: they become lambdas in the kernel, since they use buffers. */
function withoutFunctions(text: string) {
  const functions: string[] = [];
  const rest = text.replace(
    /^fn (\w+)\(([^)]*)\)(?: -> (\w+))? \{\n([\s\S]*?)\n\}$/gm,
    (_, name: string, list: string, type: string | undefined, inner: string) => {
      const parts = list.split(", ").filter(Boolean);
      const parameters = parts.map((part) => {
        const [parameterName, parameterType] = part.split(": ");
        return declare(parameterType, parameterName);
      });
      const result = type === undefined ? "void" : typeOf(type);
      functions.push(
        `  auto ${name} = [&](${parameters.join(", ")}) -> ${result} {\n${inner}\n  };`,
      );
      return "";
    },
  );
  return { rest, functions };
}

/** A declaration in C of `name` with a type of WGSL. */
function declare(type: string, name: string): string {
  const [, element, count] = /^array<(\w+)(?:, ?([^>]+))?>$/.exec(type) ?? [];
  return element ? `${typeOf(element)} ${name}[${count}]` : `${typeOf(type)} ${name}`;
}

function typeOf(type: string): string {
  if (type in TYPES) return TYPES[type];
  throw new Error(`the type ${type} is not translated to CUDA`);
}
