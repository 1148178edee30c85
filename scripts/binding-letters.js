// What planning reads of a shader: the kinds of its bindings.

const BINDING = /^@group\(0\) @binding\((\d+)\) var(?:<([\w, ]+)>)? (\w+): ([^;]+);/gm;
const ALIAS = /^alias (\w+) = texture_storage_2d<rgba32float, read>;/gm;
const UNIFORMS = /^struct Uniforms \{([^}]*)\}/m;

/** A letter for each binding in the order of their numbers: "rwu". Checks the uniforms too. */
export function bindingLetters(name, source) {
  const kinds = [];
  const packable = new Set([...source.matchAll(ALIAS)].map(([, alias]) => alias));
  for (const [, binding, space, variable, type] of source.matchAll(BINDING)) {
    const kind = packable.has(type) ? "p" : kindOf(space, type);
    if (!kind) throw new Error(`shader ${name}: binding ${variable} is of an unknown kind`);
    kinds[Number(binding)] = kind;
  }
  const body = UNIFORMS.exec(source)?.[1].replace(/\/\/.*$/gm, "") ?? "";
  const fields = [...body.matchAll(/(\w+): (\w+)/g)];
  for (const [, field, type] of fields) {
    if (!["u32", "f32", "i32"].includes(type)) {
      throw new Error(`shader ${name}: the uniform ${field} is a ${type}`);
    }
  }
  if (kinds.includes("u") !== fields.length > 0 || kinds.join("").length !== kinds.length) {
    throw new Error(`shader ${name}: bindings are missing, or the struct of its uniform`);
  }
  return kinds.join("");
}

function kindOf(space, type) {
  if (space === "uniform") return type === "Uniforms" ? "u" : undefined;
  if (space === "storage, read_write") return "w";
  if (space === "storage, read" || space === "storage") return "r";
  return type.startsWith("texture_storage_2d<rgba32float, read>") ? "t" : undefined;
}
