// The square of the gradients' norm, first stage: sums in a fixed order, so that a run repeats to the
// bit:
//   parts[i] = sum over k of gradients[i + k * PARTS]^2, in groups of four
// All dense. One invocation makes one part.
const LANES: u32 = 64; // invocations per workgroup
const PARTS: u32 = 1024; // parts in all

struct Uniforms {
  groups: u32, // groups of four gradients
}
@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = vec4f();
  for (var group = id.x; group < uniforms.groups; group += PARTS) {
    let g = gradients[group];
    sum = fma(g, g, sum);
  }
  parts[id.x] = (sum.x + sum.y) + (sum.z + sum.w);
}
