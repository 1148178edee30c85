// The statistics of a norm from running averages: stats[c] = (mean[c], 1 / sqrt(variance[c] + epsilon)).
// All dense. One invocation does one channel.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  channels: u32,
  epsilon: f32,
}
@group(0) @binding(0) var<storage, read> mean: array<f32>;
@group(0) @binding(1) var<storage, read> variance: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= uniforms.channels) { return; }
  stats[c] = vec2f(mean[c], 1.0 / sqrt(variance[c] + uniforms.epsilon));
}
