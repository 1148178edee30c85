// Divides the gradients of all parameters by the scale of the loss, in place, and marks the step
// if one of them is infinite or NaN: tested by its bits, since compilers may assume that all
// numbers are finite. gradients dense [count]. One invocation processes four.
const LANES: u32 = 64; // invocations per workgroup
const INVERSE: u32 = 1; // place of 1 / scale in scaling
const OVERFLOW: u32 = 4; // place of the mark: 0, or 1 as a float
const ONE: u32 = 1065353216; // bits of 1 as a float
const EXPONENT: u32 = 2139095040; // bits of the exponent: all of them, if it is not finite

struct Uniforms {
  groups: u32, // groups of four gradients
}
@group(0) @binding(0) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> scaling: array<atomic<u32>>; // bits of floats
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let g = gradients[index];
  let exponents = bitcast<vec4u>(g) & vec4u(EXPONENT);
  if (any(exponents == vec4u(EXPONENT))) { atomicOr(&scaling[OVERFLOW], ONE); }
  gradients[index] = bitcast<f32>(atomicLoad(&scaling[INVERSE])) * g;
}
