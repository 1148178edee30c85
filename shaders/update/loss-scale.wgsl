// y = x times the scale of the loss, or divided by it, element by element. The scale is a power of
// two, so that nothing is rounded. One invocation scales four floats.
const LANES: u32 = 64; // invocations per workgroup
const INVERSE: bool = false; // whether x is divided

struct Uniforms {
  groups: u32, // groups of four floats
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> scaling: array<f32>; // [0]: scale, [1]: 1 / scale
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  y[index] = scaling[u32(INVERSE)] * x[index];
}
