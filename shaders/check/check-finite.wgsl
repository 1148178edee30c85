// Whether infinities and NaN that arise at run time reach memory, and whether their bits tell them
// from numbers, although a compiler may assume that there are none.
//   y = [a * b, whether a * b is finite], each [count]; the first as bits, the second 0 or 1
// One invocation multiplies one pair.
const LANES: u32 = 64; // invocations per workgroup
const EXPONENT: u32 = 2139095040; // the bits of a float's exponent, 0x7f800000

struct Uniforms {
  count: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= uniforms.count) { return; }
  let bits = bitcast<u32>(a[i] * b[i]);
  y[i] = bits;
  y[uniforms.count + i] = select(1u, 0u, (bits & EXPONENT) == EXPONENT);
}
