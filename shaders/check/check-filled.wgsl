// Counts the words of a large buffer that are not those that check-fill wrote.
//   y = [wrong words of each invocation: [stride], arrayLength of x]
// One invocation reads every stride-th word.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
  stride: u32, // invocations of the dispatch
}
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var wrong: u32 = 0;
  for (var i = id.x; i < uniforms.count; i += uniforms.stride) {
    wrong += select(0u, 1u, x[i] != i * 2654435761 + 1);
    if (uniforms.count - i <= uniforms.stride) { break; }
  }
  y[id.x] = wrong;
  if (id.x == 0) { y[uniforms.stride] = arrayLength(&x); }
}
