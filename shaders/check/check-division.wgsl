// Whole divisions by divisors that are known at run time only; Apple's compiler got some wrong, most
// of them with a constant dividend.
//   y = [a / b, a % b, i32(a) / i32(b), i32(a) % i32(b), LARGE / b, LARGE % b, a / divisor,
//        a % divisor], each [count]
// One invocation divides one pair.
const LANES: u32 = 64; // invocations per workgroup
const LARGE: u32 = 4294967294; // a dividend that the compiler knows

struct Uniforms {
  count: u32,
  divisor: u32,
}
@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let n = uniforms.count;
  if (i >= n) { return; }
  y[i] = a[i] / b[i];
  y[n + i] = a[i] % b[i];
  y[2 * n + i] = bitcast<u32>(bitcast<i32>(a[i]) / bitcast<i32>(b[i]));
  y[3 * n + i] = bitcast<u32>(bitcast<i32>(a[i]) % bitcast<i32>(b[i]));
  y[4 * n + i] = LARGE / b[i];
  y[5 * n + i] = LARGE % b[i];
  y[6 * n + i] = a[i] / uniforms.divisor;
  y[7 * n + i] = a[i] % uniforms.divisor;
}
