// Exponential moving average of the parameters, after an update:
//   average = average + (1 - d) (parameter - average),  d = min(decay, (1 + t) / (10 + t))
// t is the step's number from 0: an average of few steps forgets the initial weights quickly. All
// dense [count]. One invocation averages four parameters.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four parameters
  decay: f32,
}
@group(0) @binding(0) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read> step: array<f32>; // [0]: number
@group(0) @binding(2) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let share = 1.0 - min(uniforms.decay, (1.0 + step[0]) / (10.0 + step[0]));
  let a = average[index];
  average[index] = fma(vec4f(share), parameters[index] - a, a);
}
