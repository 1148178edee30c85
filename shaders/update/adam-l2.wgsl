// Adam (Kingma and Ba 2015) whose decay of weights is part of the gradient, as PyTorch's Adam:
//   g = gradient + l2 * parameter
//   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
//   parameter = parameter - rate * ((m / c1) / (sqrt(v / c2) + epsilon) + decay * parameter),
//   ci = 1 - betai^t
// All dense [count]. One invocation updates four parameters.
const LANES: u32 = 64; // invocations per workgroup
const SKIPS: bool = false; // whether steps that overflowed are skipped; else scaling is not read
const CLIPS: bool = false; // whether the gradients are multiplied by clip[0]; else it is not read

struct Uniforms {
  groups: u32, // groups of four parameters
  beta1: f32,
  beta2: f32,
  rest1: f32, // 1 - beta1, computed in 64 bits
  rest2: f32, // 1 - beta2
  epsilon: f32,
  l2: f32,
  decay: f32, // decoupled
}
@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> step: array<f32>; // [1]: learning rate, [2]: c1, [3]: c2
@group(0) @binding(2) var<storage, read> scaling: array<f32>; // [4]: 1 in a step that overflowed, else 0
@group(0) @binding(3) var<storage, read> clip: array<f32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> mean: array<vec4f>; // m
@group(0) @binding(6) var<storage, read_write> square: array<vec4f>; // v
@group(0) @binding(7) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  if (SKIPS && scaling[4] != 0.0) { return; }
  let p = parameters[index];
  var g = gradients[index];
  if (CLIPS) { g *= clip[0]; }
  g = fma(vec4f(uniforms.l2), p, g);
  let m = uniforms.beta1 * mean[index] + uniforms.rest1 * g;
  let v = uniforms.beta2 * square[index] + uniforms.rest2 * g * g;
  mean[index] = m;
  square[index] = v;
  let change = (m / step[2]) / (sqrt(v / step[3]) + uniforms.epsilon);
  parameters[index] = p - step[1] * (change + uniforms.decay * p);
}
