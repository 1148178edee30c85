// Sums of many floats: plain, and with a compensation that a compiler may optimise away.
//   y = [plain sum, compensated sum (Kahan)] of each row of x [rows][length], each [rows]
// One invocation adds up one row.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  rows: u32,
  length: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= uniforms.rows) { return; }
  var plain = 0.0;
  var sum = 0.0;
  var lost = 0.0;
  for (var i: u32 = 0; i < uniforms.length; i++) {
    let value = x[id.x * uniforms.length + i];
    plain += value;
    let next = value - lost;
    let total = sum + next;
    lost = (total - sum) - next;
    sum = total;
  }
  y[id.x] = plain;
  y[uniforms.rows + id.x] = sum;
}
