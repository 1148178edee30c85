// Arrays that begin as constants and are indexed at run time; Intel's driver for Direct3D got sums
// and differences in them wrong.
//   y[i] = the entry i % 8 of a table, plus that of a second table, changed at one place
// One invocation reads both tables once.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
  seven: i32, // 7
}
@group(0) @binding(0) var<storage, read_write> y: array<i32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= uniforms.count) { return; }
  let seven = uniforms.seven;
  var table = array<i32, 8>(3 - 5, 40 + 2, -7, seven - 9, 1000 - seven, 0, seven + seven, -100 + 1);
  var second = array<i32, 8>(10, 20, 30, 40, 50, 60, 70, 80);
  second[(i / 8) % 8] -= seven;
  y[i] = table[i % 8] + second[(i * 3) % 8];
}
