// Numbers that pass through workgroup memory between barriers, as vectors and as single floats, at
// indices that are known at run time; Intel's driver for Direct3D got some wrong.
//   y[i] = the sum over the rounds of what invocation i of the workgroup finds there
// One invocation writes four floats and one vector per round and reads those of others.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  rounds: u32,
  shift: u32, // how far the invocation is whose numbers are read
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [LANES]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [LANES]
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

var<workgroup> vectors: array<vec4f, LANES>;
var<workgroup> floats: array<f32, LANES * 4>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var round: u32 = 0; round < uniforms.rounds; round++) {
    vectors[lane] = x[lane] * f32(round + 1);
    for (var k: u32 = 0; k < 4; k++) {
      floats[k * LANES + lane] = x[lane][k] - f32(round);
    }
    workgroupBarrier(); // all is written before it is read
    let other = (lane + uniforms.shift + round) % LANES;
    let k = (lane + round) % 4;
    sum += vectors[other][k] + floats[k * LANES + other];
    workgroupBarrier(); // all is read before it is overwritten
  }
  y[lane] = sum;
}
