// llvmpipe with vectors of 512 bits has subgroups of 16 lanes. Two things in Mesa (25.0) differ
// there from subgroups of 8, and the text of every shader is changed for them: a load from a
// texture whose texels are not four 32-bit integers returns zeros in the upper eight lanes; and a
// shuffle takes 9 ns, a broadcast none (with 8 lanes neither takes time, and loads of floats take a
// tenth less). Loaded only for adapters with such vectors (texel-format.ts).

const TEXTURE = /@binding\((\d+)\) var (\w+): (?:texture_storage_2d|\w+Texels)/g;

/**
 * Rewrites a shader for 16 lanes: its textures are read as integers (those at the bindings `packed`
 * hold eight f16 per texel), and its shuffles, all from constant lanes, become broadcasts.
 */
export function inWideVectors(code: string, packed: readonly number[]): string {
  const loads: string[] = [];
  let text = code
    .replaceAll("subgroupShuffle(", "subgroupBroadcast(")
    .replace(
      /texture_storage_2d<rgba(?:32|16)float, ?read>/g,
      "texture_storage_2d<rgba32uint, read>",
    );
  for (const [, binding, name] of code.matchAll(TEXTURE)) {
    text = text.replaceAll(`textureLoad(${name},`, `load_${name}(`);
    loads.push(packed.includes(Number(binding)) ? loadHalf(name) : load(name));
  }
  return `${text}${loads.join("")}`;
}

const load = (name: string) =>
  `fn load_${name}(at: vec2u) -> vec4f { return bitcast<vec4f>(textureLoad(${name}, at)); }\n`;

const loadHalf = (name: string) => `fn load_${name}(at: vec2u) -> vec4f {
  let texel = textureLoad(${name}, vec2u(at.x / 2, at.y));
  let half = select(texel.xy, texel.zw, (at.x & 1) == 1);
  return vec4f(unpack2x16float(half.x), unpack2x16float(half.y));
}
`;
