// Moves a state towards a value: state = state + rate * (value - state), or state = value at rate 1.
// All dense [count]. One invocation does four elements.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four elements
  rate: f32,
}
@group(0) @binding(0) var<storage, read> value: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> state: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let v = value[index];
  if (uniforms.rate == 1.0) {
    state[index] = v;
    return;
  }
  let s = state[index];
  state[index] = fma(vec4f(uniforms.rate), v - s, s);
}
