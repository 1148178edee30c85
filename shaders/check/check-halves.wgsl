// Packing and unpacking of 16-bit floats, and of normalised numbers of 16 bits.
//   y = [first, second of unpack2x16float(words), pack2x16float of both, as bits; first of
//        unpack2x16snorm and of unpack2x16unorm], each [count]
// One invocation unpacks one word.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
}
@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let n = uniforms.count;
  if (i >= n) { return; }
  let both = unpack2x16float(words[i]);
  y[i] = bitcast<u32>(both.x);
  y[n + i] = bitcast<u32>(both.y);
  y[2 * n + i] = pack2x16float(both);
  y[3 * n + i] = bitcast<u32>(unpack2x16snorm(words[i]).x);
  y[4 * n + i] = bitcast<u32>(unpack2x16unorm(words[i]).x);
}
