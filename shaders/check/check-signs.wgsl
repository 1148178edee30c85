// Unary minus, abs and what is made of them; AMD's compiler in Mesa before 25.3 got some wrong.
//   y = [-a, abs(a), a - -b, max(-a, b), -abs(a), -(a - b), -min(a, -b), abs(a - b)], each [count]
// One invocation computes all of one pair.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let n = uniforms.count;
  if (i >= n) { return; }
  y[i] = -a[i];
  y[n + i] = abs(a[i]);
  y[2 * n + i] = a[i] - -b[i];
  y[3 * n + i] = max(-a[i], b[i]);
  y[4 * n + i] = -abs(a[i]);
  y[5 * n + i] = -(a[i] - b[i]);
  y[6 * n + i] = -min(a[i], -b[i]);
  y[7 * n + i] = abs(a[i] - b[i]);
}
