// Fills a large buffer with numbers made of their places.
//   y[i] = i * 2654435761 + 1, for all words of y
// One invocation writes every stride-th word.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
  stride: u32, // invocations of the dispatch
}
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  // The last trip may end past 2^32: counting what is left cannot overflow.
  for (var i = id.x; i < uniforms.count; i += uniforms.stride) {
    y[i] = i * 2654435761 + 1;
    if (uniforms.count - i <= uniforms.stride) { break; }
  }
}
