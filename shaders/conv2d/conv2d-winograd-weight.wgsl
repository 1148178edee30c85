// Winograd F(4x4, 3x3): the weights, transformed for the product of step 2.
//   u[i*6+j][o / OUT][c][o % OUT] = sum over r,s of G[i][r] G[j][s] w(o, c, r, s)
// w is weight[o,c,r,s] of weight [CO,CI,3,3], or, transposed, weight[c,first+o,2-r,2-s] of weight
// [CI,.,3,3]: the input gradient is the convolution with that. Channels past the last are 0.
// One invocation transforms four output channels of one input channel: a vector's components.
const OUT: u32 = 8; // output channels that are adjacent, a multiple of 4
const LANES: u32 = 4; // invocations per workgroup

const NEAR: f32 = 0.70710678; // the points, 1 / sqrt 2
const FAR: f32 = 1.41421356; // and sqrt 2

struct Uniforms {
  outChannels: u32,
  inChannels: u32,
  weightChannels: u32, // the weight's second size
  isTransposed: u32, // 1: for the input gradient
  first: u32, // if transposed: the first of the weight's input channels
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// Three values at the six points.
fn transform(a: vec4f, b: vec4f, c: vec4f) -> array<vec4f, 6> {
  let even = (a + 0.5 * c) * (-2.0 / 3.0);
  let odd = b * (-2.0 / 3.0 * NEAR);
  let evenFar = (a + 2.0 * c) / 6.0;
  let oddFar = b * (FAR / 6.0);
  return array(a, even + odd, even - odd, evenFar + oddFar, evenFar - oddFar, c);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let firstOut = (id.x * LANES + lane) * 4;
  let c = id.y;
  let transposed = uniforms.isTransposed == 1;
  let blocks = (uniforms.outChannels + OUT - 1) / OUT;
  if (firstOut >= blocks * OUT) { return; }
  var w: array<vec4f, 9>;
  for (var q: u32 = 0; q < 4; q++) { // unroll
    let o = firstOut + q;
    let exists = o < uniforms.outChannels;
    let pair = select(o * uniforms.weightChannels + c, c * uniforms.weightChannels + uniforms.first + o, transposed);
    let source = select(0, pair * 9, exists);
    for (var tap: u32 = 0; tap < 9; tap++) { // unroll
      w[tap][q] = select(0.0, weight[source + select(tap, 8 - tap, transposed)], exists);
    }
  }
  var h: array<array<vec4f, 6>, 3>; // rows, transformed along x
  for (var r: u32 = 0; r < 3; r++) { // unroll
    h[r] = transform(w[r * 3], w[r * 3 + 1], w[r * 3 + 2]);
  }
  let stride = blocks * uniforms.inChannels * (OUT / 4); // from one form to the next
  let destination = (firstOut / OUT * uniforms.inChannels + c) * (OUT / 4) + firstOut % OUT / 4;
  for (var j: u32 = 0; j < 6; j++) { // unroll
    let column = transform(h[0][j], h[1][j], h[2][j]);
    for (var i: u32 = 0; i < 6; i++) { // unroll
      u[destination + (i * 6 + j) * stride] = column[i];
    }
  }
}
