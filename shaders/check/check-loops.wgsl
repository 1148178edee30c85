// Nested loops whose bounds are known at run time, with `continue` and `break`: a chain of whole
// numbers that takes as long as wanted, since no step can be left out.
//   y[i] = the number after `rounds` steps v -> v * 1664525 + 1013904223 from i
// One invocation makes all steps of one chain.
const LANES: u32 = 64; // invocations per workgroup
const INNER: u32 = 32; // steps of the inner loop at most

struct Uniforms {
  rounds: u32,
}
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var value = id.x;
  for (var first: u32 = 0; first < uniforms.rounds; first += INNER) {
    for (var i: u32 = 0; i < 2 * INNER; i++) {
      if (i % 2 == 1) { continue; }
      if (first + i / 2 >= uniforms.rounds) { break; }
      value = value * 1664525 + 1013904223;
    }
  }
  y[id.x] = value;
}
