// Whole divisions by divisors that are known at run time only; Apple's compiler got some wrong.
//   y = [a / b, a % b, i32(a) / i32(b), i32(a) % i32(b)], each [count]
// One invocation divides one pair.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
}
@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= uniforms.count) { return; }
  y[i] = a[i] / b[i];
  y[uniforms.count + i] = a[i] % b[i];
  y[2 * uniforms.count + i] = bitcast<u32>(bitcast<i32>(a[i]) / bitcast<i32>(b[i]));
  y[3 * uniforms.count + i] = bitcast<u32>(bitcast<i32>(a[i]) % bitcast<i32>(b[i]));
}
