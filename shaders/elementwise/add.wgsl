// y = a + b, element by element; with MASK 0 where mask <= 0. All tensors have the same shape and
// layout. One invocation adds four floats.
const LANES: u32 = 64; // invocations per workgroup
const MASK: bool = false; // whether y is 0 where mask is not above 0; without, mask is not read

struct Uniforms {
  groups: u32, // groups of four floats
}
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read> mask: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  var value = a[index] + b[index];
  if (MASK) { value = select(vec4f(), value, mask[index] > vec4f()); }
  y[index] = value;
}
