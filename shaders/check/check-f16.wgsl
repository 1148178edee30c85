// Arithmetic in 16 bits.
//   y[i] = f16(a[i]) * f16(b[i]) + f16(b[i]), as a float
// One invocation computes one number.
enable f16;
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
  if (i >= uniforms.count) { return; }
  y[i] = f32(f16(a[i]) * f16(b[i]) + f16(b[i]));
}
