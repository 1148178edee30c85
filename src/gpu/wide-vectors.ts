// llvmpipe with vectors of 512 bits: subgroups of 16 lanes. Two things of Mesa (25.0) differ there from
// those of 8, and the text of every shader is changed for it: a load from a texture whose texels are not
// four whole numbers of 32 bits gives zeros to the upper eight lanes; and a shuffle takes 9 ns where a
// broadcast takes none (with 8 lanes neither does, and loads of floats take a tenth less time). Loaded only
// where an adapter has such vectors (texel-format.ts).

const TEXTURE = /@binding\((\d+)\) var (\w+): (?:texture_storage_2d|\w+Texels)/g;

/**
 * A shader's text for 16 lanes: its textures, of which those at the bindings `packed` hold eight floats of
 * 16 bits a texel, are read as whole numbers, and its shuffles, all from constant lanes, are broadcasts.
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
