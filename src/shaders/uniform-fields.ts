// Parses the uniforms of a shader's text.

/** The types of the uniforms by name, in order. */
export type UniformFields = Readonly<Record<string, "u32" | "f32" | "i32">>;

export const withoutComments = (wgsl: string) =>
  wgsl.replace(/\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, "");

/** Returns the fields of `struct Uniforms` in a shader's text. */
export function uniformFields(wgsl: string): UniformFields {
  const [, body = ""] = /^\s*struct\s+Uniforms\s*{([^}]*)}/m.exec(withoutComments(wgsl)) ?? [];
  const fields = [...body.matchAll(/(\w+)\s*:\s*([^,]+?)\s*(?:,|$)/g)];
  return Object.fromEntries(fields.map(([, name, type]) => [name, type as "u32"]));
}
