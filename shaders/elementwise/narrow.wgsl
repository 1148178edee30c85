// y = x in 16 bits, two floats packed into a word, for images that wait in memory. Numbers beyond
// the range of 16 bits, and NaN, become infinite, so that a check finds it.
// x and y in image order. One invocation packs four floats.
const LANES: u32 = 64; // invocations per workgroup
const LARGEST: u32 = 1199562752; // bits of 65504, as f32: larger numbers, infinity, NaN are above
const INFINITE: u32 = 31744; // infinity in 16 bits

struct Uniforms {
  groups: u32, // groups of four floats
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec2u>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// pack2x16float of what 16 bits cannot hold is undefined.
fn pack(v: vec2f) -> u32 {
  let over = (bitcast<vec2u>(v) & vec2u(0x7fffffff)) > vec2u(LARGEST);
  let held = pack2x16float(select(v, vec2f(0.0), over));
  let marks = select(vec2u(0), vec2u(INFINITE), over);
  return held | marks.x | (marks.y << 16u);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let v = x[index];
  y[index] = vec2u(pack(v.xy), pack(v.zw));
}
