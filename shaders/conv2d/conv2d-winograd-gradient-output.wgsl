// Gradient of a convolution's weight by Winograd F(3x3, 4x4), step 3: the stripes, added in their
// order and transformed back, and the gradient of the bias, the sums of the groups of tiles.
//   dw[o,c,i,j] = sum over r,s of A[i][r] A[j][s] g[r] g[s] sum over stripes of parts[.][r*6+s][o][c]
// with g = 1, -2/3, -2/3, 1/6, 1/6, 1, which dy's transform leaves out,
//   db[o] = sum over groups of biasParts[group][o]
// All dense. One invocation does one pair of channels, or the bias of one channel.
const LANES: u32 = 64; // invocations per workgroup

const NEAR: f32 = 0.70710678; // the points, 1 / sqrt 2
const FAR: f32 = 1.41421356; // and sqrt 2

struct Uniforms {
  pairs: u32, // output channels times input channels
  stripes: u32,
  outChannels: u32, // of the bias: 0 without one
  groups: u32, // groups of 4 tiles
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read> biasParts: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<storage, read_write> db: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// The three outputs of six products.
fn transform(m: array<f32, 6>) -> vec3f {
  let s12 = (m[1] + m[2]) * (-2.0 / 3.0);
  let d12 = (m[1] - m[2]) * (-2.0 / 3.0 * NEAR);
  let s34 = (m[3] + m[4]) / 6.0;
  let d34 = (m[3] - m[4]) * (FAR / 6.0);
  return vec3f(m[0] + s12 + s34, d12 + d34, 0.5 * s12 + 2.0 * s34 + m[5]);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let pair = (id.x + id.y * count.x) * LANES + lane;
  if (pair >= uniforms.pairs) {
    let o = pair - uniforms.pairs;
    if (o >= uniforms.outChannels) { return; }
    var sum = 0.0;
    for (var group: u32 = 0; group < uniforms.groups; group++) {
      sum += biasParts[group * uniforms.outChannels + o];
    }
    db[o] = sum;
    return;
  }
  var m: array<f32, 36>;
  for (var k: u32 = 0; k < 36; k++) { // unroll
    m[k] = parts[k * uniforms.pairs + pair];
  }
  for (var stripe: u32 = 1; stripe < uniforms.stripes; stripe++) {
    for (var k: u32 = 0; k < 36; k++) { // unroll
      m[k] += parts[(stripe * 36 + k) * uniforms.pairs + pair];
    }
  }
  var rows: array<vec3f, 6>;
  for (var r: u32 = 0; r < 6; r++) { // unroll
    rows[r] = transform(array(m[r * 6], m[r * 6 + 1], m[r * 6 + 2], m[r * 6 + 3], m[r * 6 + 4], m[r * 6 + 5]));
  }
  for (var j: u32 = 0; j < 3; j++) { // unroll
    let column = transform(array(rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j], rows[5][j]));
    for (var i: u32 = 0; i < 3; i++) { // unroll
      dw[pair * 9 + i * 3 + j] = column[i];
    }
  }
}
