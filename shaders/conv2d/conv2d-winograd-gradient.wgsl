// Gradient of a convolution's weight by Winograd F(3x3, 4x4), step 1 next to conv2d-winograd-input:
// the tiles of dy, transformed, and their sums.
//   d[i*6+j][o][tile] = sum over r,s of G[i][r] G[j][s] dy[n,o,4ty+r,4tx+s]
//   biasParts[group][o] = sum over the group of 4 tiles of dy[n,o,4ty+r,4tx+s]
// dy [N,CO,OH,OW] in image order; pixels outside are 0. d: [36][CO][groups of 4 tiles], as there.
// biasParts: dense, the groups of all stripes.
// The constants of G, -2/3 and 1/6, are applied at the end. One invocation transforms four tiles of
// one channel.
const LANES: u32 = 4; // invocations per workgroup

const NEAR: f32 = 0.70710678; // the points, 1 / sqrt 2
const FAR: f32 = 1.41421356; // and sqrt 2

struct Uniforms {
  channels: u32,
  height: u32,
  blocks: u32, // blocks of 32 pixels per row of dy
  groups: u32, // groups of 4 pixels per row of dy
  tileRows: u32, // of one image
  tileGroups: u32, // groups of 4 tiles per row
  firstRow: u32, // first row of tiles of the stripe
  rows: u32, // rows of tiles of the stripe
}
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> d: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// Four values at the six points.
fn transform(a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> array<vec4f, 6> {
  let even = a + 0.5 * c;
  let odd = (b + 0.5 * d) * NEAR;
  let evenFar = a + 2.0 * c;
  let oddFar = (b + 2.0 * d) * FAR;
  return array(a, even + odd, even - odd, evenFar + oddFar, evenFar - oddFar, d);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let total = uniforms.rows * uniforms.tileGroups; // groups of 4 tiles of a channel
  let item = (id.x + id.y * count.x) * LANES + lane;
  if (item >= total * uniforms.channels) { return; }
  let o = item / total;
  let t = item % total;
  let tileRow = uniforms.firstRow + t / uniforms.tileGroups;
  let x16 = t % uniforms.tileGroups; // four tiles are 16 pixels wide
  let image = tileRow / uniforms.tileRows;
  let top = tileRow % uniforms.tileRows * 4;

  var biasSum = vec4f(); // of each tile
  var h: array<array<vec4f, 6>, 4>; // rows, transformed along x; a vector's components are the tiles
  for (var r: u32 = 0; r < 4; r++) { // unroll
    let y = top + r;
    let row = image * uniforms.height + min(y, uniforms.height - 1);
    var p: mat4x4f; // a column is a tile's four pixels of the row
    for (var tile: u32 = 0; tile < 4; tile++) { // unroll
      let group = x16 * 4 + tile;
      let loaded = dy[at(row, min(group, uniforms.groups - 1), o, uniforms.blocks, uniforms.channels)];
      p[tile] = select(vec4f(), loaded, y < uniforms.height && group < uniforms.groups);
    }
    let q = transpose(p);
    h[r] = transform(q[0], q[1], q[2], q[3]);
    biasSum += (q[0] + q[1]) + (q[2] + q[3]);
  }
  biasParts[(uniforms.firstRow * uniforms.tileGroups + t) * uniforms.channels + o] = dot(biasSum, vec4f(1));
  let stride = uniforms.channels * total; // from one form to the next
  for (var j: u32 = 0; j < 6; j++) { // unroll
    let column = transform(h[0][j], h[1][j], h[2][j], h[3][j]);
    for (var i: u32 = 0; i < 6; i++) { // unroll
      d[item + (i * 6 + j) * stride] = column[i];
    }
  }
}
