// RMSprop (Tieleman and Hinton 2012) as PyTorch has it, over all parameters at once:
//   g = gradient + l2 * parameter;  s = alpha s + (1 - alpha) g^2;  m = alpha m + (1 - alpha) g
//   d = g / (sqrt(s - m^2 if centred, else s) + epsilon);  velocity = momentum * velocity + d
//   parameter = parameter - rate * velocity
// All dense [count]. One invocation updates four parameters.
const LANES: u32 = 64; // invocations per workgroup
const SKIPS: bool = false; // whether steps that overflowed are skipped; else scaling is not read
const CLIPS: bool = false; // whether the gradients are multiplied by clip[0]; else it is not read

struct Uniforms {
  groups: u32, // groups of four parameters
  alpha: f32,
  rest: f32, // 1 - alpha, computed in 64 bits
  epsilon: f32,
  momentum: f32,
  l2: f32,
  centered: u32, // 0 or 1
}
@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> step: array<f32>; // [1]: learning rate
@group(0) @binding(2) var<storage, read> scaling: array<f32>; // [4]: 1 in a step that overflowed, else 0
@group(0) @binding(3) var<storage, read> clip: array<f32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> square: array<vec4f>; // s
@group(0) @binding(6) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> mean: array<vec4f>; // m
@group(0) @binding(8) var<uniform> uniforms: Uniforms;

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
  let s = uniforms.alpha * square[index] + uniforms.rest * g * g;
  square[index] = s;
  let m = uniforms.alpha * mean[index] + uniforms.rest * g;
  mean[index] = m;
  var spread = s;
  if (uniforms.centered != 0) { spread = max(s - m * m, vec4f()); }
  let v = fma(vec4f(uniforms.momentum), velocity[index], g / (sqrt(spread) + uniforms.epsilon));
  velocity[index] = v;
  parameters[index] = p - step[1] * v;
}
