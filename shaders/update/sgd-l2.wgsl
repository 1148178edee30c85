// Stochastic gradient descent as PyTorch's SGD, over all parameters at once:
//   g = gradient + l2 * parameter;  velocity = momentum * velocity + g
//   parameter = parameter - rate * (g + momentum * velocity if Nesterov's, else velocity)
// All dense [count]. One invocation updates four parameters.
const LANES: u32 = 64; // invocations per workgroup
const SKIPS: bool = false; // whether steps that overflowed are skipped; else scaling is not read
const CLIPS: bool = false; // whether the gradients are multiplied by clip[0]; else it is not read

struct Uniforms {
  groups: u32, // groups of four parameters
  momentum: f32,
  l2: f32,
  decay: f32, // decoupled: parameter - rate * decay * parameter
  nesterov: u32, // 0 or 1
}
@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> step: array<f32>; // [1]: learning rate
@group(0) @binding(2) var<storage, read> scaling: array<f32>; // [4]: 1 in a step that overflowed, else 0
@group(0) @binding(3) var<storage, read> clip: array<f32>;
@group(0) @binding(4) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(6) var<uniform> uniforms: Uniforms;

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
  let v = fma(vec4f(uniforms.momentum), velocity[index], g);
  velocity[index] = v;
  var change = v;
  if (uniforms.nesterov != 0) { change = fma(vec4f(uniforms.momentum), v, g); }
  parameters[index] = p - step[1] * fma(vec4f(uniforms.decay), p, change);
}
