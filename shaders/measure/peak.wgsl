// The multiply-add rate of an adapter: chains of fma in registers that need no memory.
//   y[i] = the sum of CHAINS chains of TRIPS * rounds multiply-adds, so that none can be left out
// Each invocation runs CHAINS independent chains of four lanes, enough to hide the latency of an
// fma, and writes one float.
const LANES: u32 = 64; // invocations per workgroup
const CHAINS: u32 = 12; // independent chains of vec4f per invocation
const TRIPS: u32 = 16; // multiply-adds per chain and iteration

struct Uniforms {
  rounds: u32,
  factor: f32, // near 1
  summand: f32, // near 0: chains stay finite
}
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
) {
  let index = id.x * LANES + lane;
  let factor = vec4f(uniforms.factor);
  let summand = vec4f(uniforms.summand);
  var chain: array<vec4f, CHAINS>;
  for (var i: u32 = 0; i < CHAINS; i++) { // unroll
    chain[i] = vec4f(f32(index)) + vec4f(0, 0.25, 0.5, 0.75) + vec4f(f32(i));
  }
  for (var round: u32 = 0; round < uniforms.rounds; round++) {
    for (var t: u32 = 0; t < TRIPS; t++) { // unroll
      for (var i: u32 = 0; i < CHAINS; i++) { // unroll
        chain[i] = fma(chain[i], factor, summand);
      }
    }
  }
  var sum = vec4f();
  for (var i: u32 = 0; i < CHAINS; i++) { // unroll
    sum += chain[i];
  }
  y[index] = sum.x + sum.y + sum.z + sum.w;
}
