// Winograd F(4x4, 3x3): the weights, transformed for the product of step 2.
//   u[i*6+j][o / OUT][c][o % OUT] = sum over r,s of G[i][r] G[j][s] w(o, c, r, s)
// w is weight[o,c,r,s] of weight [CO,CI,3,3], or, TRANSPOSED, weight[c,first+o,2-r,2-s] of weight
// [CI,.,3,3]: the input gradient is the convolution with that. Channels past the last are 0.
// One invocation transforms one pair of channels.
const TRANSPOSED: bool = false; // whether the weight is read for the input gradient
const OUT: u32 = 8; // output channels that stand together
const LANES: u32 = 4; // invocations of a workgroup

const NEAR: f32 = 0.70710678; // the points, 1 / sqrt 2
const FAR: f32 = 1.41421356; // and sqrt 2

struct Record {
  outChannels: u32,
  inChannels: u32,
  weightChannels: u32, // the weight's second size
  first: u32, // TRANSPOSED: the first of the weight's input channels
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

// Three values at the six points.
fn transform(w: vec3f) -> array<f32, 6> {
  let even = (w.x + 0.5 * w.z) * (-2.0 / 3.0);
  let odd = w.y * (-2.0 / 3.0 * NEAR);
  let evenFar = (w.x + 2.0 * w.z) / 6.0;
  let oddFar = w.y * (FAR / 6.0);
  return array(w.x, even + odd, even - odd, evenFar + oddFar, evenFar - oddFar, w.z);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let o = id.x * LANES + lane;
  let c = id.y;
  let blocks = (record.outChannels + OUT - 1) / OUT;
  if (o >= blocks * OUT) { return; }
  let exists = o < record.outChannels;
  let pair = select(o * record.weightChannels + c, c * record.weightChannels + record.first + o, TRANSPOSED);
  let source = select(0, pair * 9, exists);
  var h: array<array<f32, 6>, 3>; // rows, transformed along x
  for (var r: u32 = 0; r < 3; r++) { // unroll
    var w: vec3f;
    for (var s: u32 = 0; s < 3; s++) { // unroll
      w[s] = select(0.0, weight[source + select(r * 3 + s, 8 - r * 3 - s, TRANSPOSED)], exists);
    }
    h[r] = transform(w);
  }
  let stride = blocks * record.inChannels * OUT; // from one form to the next
  let destination = (o / OUT * record.inChannels + c) * OUT + o % OUT;
  for (var j: u32 = 0; j < 6; j++) { // unroll
    let column = transform(vec3f(h[0][j], h[1][j], h[2][j]));
    for (var i: u32 = 0; i < 6; i++) { // unroll
      u[destination + (i * 6 + j) * stride] = column[i];
    }
  }
}
