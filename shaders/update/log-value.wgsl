// Keeps a number of each step: history[step % length] = value[0], so that it need not be read every
// step. One invocation.
const LANES: u32 = 1; // invocations per workgroup

struct Uniforms {
  length: u32,
}
@group(0) @binding(0) var<storage, read> value: array<f32>;
@group(0) @binding(1) var<storage, read> step: array<f32>; // [0]: number of the step
@group(0) @binding(2) var<storage, read_write> history: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main() {
  history[u32(step[0]) % uniforms.length] = value[0];
}
