// The WGSL of formulas. One invocation computes four pixels of some channels of an image, or four
// floats if all tensors lie alike in memory, or one element of a dense tensor. Sizes are uniforms:
// the text depends only on the formula and on how its inputs are loaded.

/** How the value of an input at a place is loaded. */
export type Load =
  /** At the same index as the result, four floats at once if the kernel does four. */
  | "same"
  /** It has a single element. */
  | "one"
  /** Four pixels of an image at once. */
  | "group"
  /** One value for all pixels of a row. */
  | "splat"
  /** Pixel by pixel, or element by element. */
  | "each";

/** An input that the formula uses. */
export interface Source {
  readonly name: string;
  /** Its number among the bindings. */
  readonly index: number;
  /** Undefined if only `at_NAME` is used. */
  readonly load: Load | undefined;
  readonly isImage: boolean;
  readonly hasAt: boolean;
}

/** The kernels: "flat" if the index is all that is needed. */
export type Form = "flat" | "image" | "dense";

/** What the text depends on. */
export interface FormulaCode {
  readonly form: Form;
  readonly sources: readonly Source[];
  readonly lets: readonly (readonly [name: string, value: string])[];
  readonly value: string;
  readonly functions: string;
  /** The names of the numbers. */
  readonly numbers: readonly string[];
  /** The names of the coordinates that the formula uses, of PLACE. */
  readonly place: readonly string[];
}

/** The coordinates of an element, as i32 in formulas. */
export const PLACE = ["pn", "pc", "py", "px"] as const;

/** Whether a formula has a name: `v.x` does not have the name x. */
export const uses = (wgsl: string, name: string) =>
  new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(wgsl);

/** Replaces names in a formula, also in `at_NAME`. */
export function renamed(wgsl: string, names: ReadonlyMap<string, string>): string {
  return wgsl.replace(/(?<![\w.])(at_)?([a-zA-Z]\w*)/g, (word, at = "", name) => {
    const other = names.get(at ? name : word);
    return other === undefined ? word : `${at}${other}`;
  });
}

const SIZES: Readonly<Record<Form, readonly string[]>> = {
  flat: ["groups", "channels", "blocks", "width"],
  image: ["items", "each", "chunks", "channels", "height", "width", "blocks"],
  dense: ["items", "channels", "height", "width"],
};

/** Whether an input is read through four-float vectors. */
const isVector = ({ load, hasAt }: Source, form: Form) =>
  !hasAt && (load === "group" || (load === "same" && form !== "dense"));

/** Whether an input has strides among the uniforms. */
export const hasPlace = ({ load, hasAt }: Source) =>
  hasAt || load === "group" || load === "splat" || load === "each";

/** Returns the text of the kernel. */
export function formulaText(code: FormulaCode): string {
  const { form, sources, numbers, functions } = code;
  const fields = [
    ...SIZES[form].map((name) => `${name}: u32`),
    ...sources.flatMap((source) => placeFields(source).map((name) => `${name}: u32`)),
    ...numbers.map((_, i) => `number${i}: f32`),
  ];
  const arrayOf = (isVec: boolean) => `array<${isVec ? "vec4f" : "f32"}>`;
  const bindings = sources.map(
    (source) =>
      `@group(0) @binding(${source.index}) var<storage, read> source${source.index}: ` +
      `${arrayOf(isVector(source, form))};`,
  );
  const next = sources.length;
  return `struct Uniforms {
${fields.map((field) => `  ${field},`).join("\n")}
}
${bindings.join("\n")}
@group(0) @binding(${next}) var<storage, read_write> result: ${arrayOf(form !== "dense")};
@group(0) @binding(${next + 1}) var<uniform> uniforms: Uniforms;

${sources.map(placeText).join("")}${functions}
${elementText(code)}
@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let i = (id.x + id.y * count.x) * 64 + lane;
${MAINS[form](code)}}
`;
}

/** The uniforms of an input: strides in floats, and its sizes for `at_NAME`. */
function placeFields(source: Source): string[] {
  const { index, isImage, hasAt } = source;
  if (!hasPlace(source)) return [];
  const strides = ["n", "c", "y", ...(isImage ? ["b"] : [])].map((axis) => `${axis}${index}`);
  const sizes = hasAt ? ["n", "c", "y", "x"].map((axis) => `size${index}${axis}`) : [];
  return [...strides, ...sizes];
}

/** The functions that find an input's element in memory. */
function placeText(source: Source): string {
  const { index, isImage, hasAt, load, name } = source;
  if (!hasPlace(source)) return "";
  const column = isImage ? ` + (x >> 5) * uniforms.b${index} + (x & 31)` : " + x";
  const place = `fn place${index}(n: u32, c: u32, y: u32, x: u32) -> u32 {
  return n * uniforms.n${index} + c * uniforms.c${index} + y * uniforms.y${index}${load === "splat" ? "" : column};
}
`;
  if (!hasAt) return place;
  const inside = ["n", "c", "y", "x"].map((a) => `(u32(${a}) < uniforms.size${index}${a})`);
  // Without branches: SwiftShader needs gigabytes to compile a stencil of them.
  return `${place}fn at_${name}(n: i32, c: i32, y: i32, x: i32) -> f32 {
  let isInside = ${inside.join(" & ")};
  let place = select(0, place${index}(u32(n), u32(c), u32(y), u32(x)), isInside);
  return select(0.0, source${index}[place], isInside);
}
`;
}

/** The formula as a function of one element. */
function elementText({ sources, lets, value, numbers, place }: FormulaCode): string {
  const parameters = [
    ...sources.filter(({ load }) => load).map(({ name }) => `${name}: f32`),
    ...place.map((name) => `${name}: i32`),
  ];
  const lines = [
    ...numbers.map((name, i) => `let ${name} = uniforms.number${i};`),
    ...lets.map(([name, formula]) => `let ${name} = ${formula};`),
    `return ${value};`,
  ];
  return `fn element(${parameters.join(", ")}) -> f32 {
${lines.map((line) => `  ${line}`).join("\n")}
}
`;
}

/** The call of `element` for component `k` of four, or for a single element. */
function call({ sources, place }: FormulaCode, k?: number): string {
  const component = k === undefined ? "" : `.${"xyzw"[k]}`;
  const column = k ? `x + ${k}` : "x";
  const values = sources.filter(({ load }) => load).map(({ index }) => `v${index}${component}`);
  const places = place.map((name) => `i32(${name === "px" ? column : name.slice(1)})`);
  return `element(${[...values, ...places].join(", ")})`;
}

const fourCalls = (code: FormulaCode) =>
  `vec4f(\n    ${[0, 1, 2, 3].map((k) => call(code, k)).join(",\n    ")},\n  )`;

const loads = (code: FormulaCode, loadOf: (source: Source) => string) =>
  code.sources
    .filter(({ load }) => load)
    .map((source) => `  let v${source.index} = ${loadOf(source)};\n`)
    .join("");

const MAINS: Readonly<Record<Form, (code: FormulaCode) => string>> = {
  flat: (code) => `  if (i >= uniforms.groups) { return; }
${loads(code, ({ index, load }) =>
  load === "one" ? `vec4f(source${index}[0])` : `source${index}[i]`,
)}  var value = ${fourCalls(code)};
  if (uniforms.width % 4 > 0) { // pixels past the width are 0
    let x = (i / 8 / uniforms.channels % uniforms.blocks) * 32 + (i & 7) * 4;
    value = select(vec4f(), value, vec4u(0, 1, 2, 3) + x < vec4u(uniforms.width));
  }
  result[i] = value;
`,
  image: (code) => `  if (i >= uniforms.items) { return; }
  let rowBlock = (i >> 3) / uniforms.chunks;
  let x = (rowBlock % uniforms.blocks) * 32 + (i & 7) * 4;
  if (x >= uniforms.width) { return; }
  let row = rowBlock / uniforms.blocks;
  let y = row % uniforms.height;
  let n = row / uniforms.height;
  let inside = vec4u(0, 1, 2, 3) + x < vec4u(uniforms.width);
  let first = ((i >> 3) % uniforms.chunks) * uniforms.each;
  for (var c = first; c < min(first + uniforms.each, uniforms.channels); c++) {
  let at = (rowBlock * uniforms.channels + c) * 8 + (i & 7);
${loads(code, fourOf)}  let value = ${fourCalls(code)};
  result[at] = select(vec4f(), value, inside); // pixels past the width are 0
  }
`,
  dense: (code) => `  if (i >= uniforms.items) { return; }
  let x = i % uniforms.width;
  let row = i / uniforms.width;
  let y = row % uniforms.height;
  let c = row / uniforms.height % uniforms.channels;
  let n = row / uniforms.height / uniforms.channels;
${loads(code, oneOf)}  result[i] = ${call(code)};
`,
};

/** Four pixels of an input. */
function fourOf({ index, load, hasAt }: Source): string {
  const at = `source${index}`;
  const place = (x: string) => `place${index}(n, c, y, ${x})`;
  if (load === "one") return `vec4f(${at}[0])`;
  if (load === "splat") return `vec4f(${at}[${place("x")}])`;
  if (!hasAt && load === "same") return `${at}[at]`;
  if (!hasAt && load === "group") return `${at}[${place("x")} >> 2]`;
  return `vec4f(${[0, 1, 2, 3].map((k) => `${at}[${place(k ? `x + ${k}` : "x")}]`).join(", ")})`;
}

/** One element of an input. */
function oneOf({ index, load }: Source): string {
  if (load === "one") return `source${index}[0]`;
  return load === "same" ? `source${index}[i]` : `source${index}[place${index}(n, c, y, x)]`;
}
