// How many numbers of a tensor are NaN or infinite: those whose eight bits of exponent are all set. Bits
// are tested, since a compiler may assume that a float is finite.
//   parts[first + i] = how many of x[i + k * PARTS], for all k, in groups of four
// All dense. One invocation makes one part.

const LANES: u32 = 64; // invocations per workgroup
const PARTS: u32 = 1024; // parts of one tensor
const EXPONENT: u32 = 2139095040; // the bits of a float's exponent, 0x7f800000

struct Uniforms {
  groups: u32, // groups of four numbers
  first: u32, // place of the first part
}
@group(0) @binding(0) var<storage, read> x: array<vec4u>; // the bits of floats
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var count = vec4u();
  for (var group = id.x; group < uniforms.groups; group += PARTS) {
    let isFull = (x[group] & vec4u(EXPONENT)) == vec4u(EXPONENT);
    count += select(vec4u(), vec4u(1), isFull);
  }
  parts[uniforms.first + id.x] = f32(count.x + count.y + count.z + count.w);
}
