// One part of a concatenation of dense tensors: y[o, first + r] = x[o, r] for runs of elements that are
// `run` long in x and `outRun` in y. One invocation copies one element.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32, // elements of x
  run: u32,
  outRun: u32,
  first: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1 of rearrange
// a / b for a < 2^31. A CPU divides the integers of a vector one by one, so this is done in floats:
// an estimate, the estimate of the rest, and a correction by one.
fn quotient(a: u32, b: u32) -> u32 {
  let inverse = 1.0 / f32(b);
  let near = i32(f32(a) * inverse);
  let rest = i32(a) - near * i32(b);
  let more = i32(floor(f32(rest) * inverse));
  let left = rest - more * i32(b);
  return u32(near + more + select(0, 1, left >= i32(b)) - select(0, 1, left < 0));
}
// end

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.count) { return; }
  let outer = quotient(index, uniforms.run);
  y[outer * uniforms.outRun + uniforms.first + index - outer * uniforms.run] = x[index];
}
