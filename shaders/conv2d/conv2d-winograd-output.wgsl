// Winograd F(4x4, 3x3), step 3 of 3: the products' tiles, transformed back, with bias, activation
// and mask.
//   y[n,o,4ty+i,4tx+j] = act(bias[o] + sum over r,s of A[i][r] A[j][s] m[r*6+s][o][tile])
// m [36][CO][groups of 4 tiles] of vec4f; y [N,CO,OH,OW] and mask in image order. One invocation
// does four tiles of one channel: 16 x 4 pixels.
const LANES: u32 = 4; // invocations per workgroup
const MASK: bool = false; // whether y is 0 where mask is not above 0; without, mask is not read

const NEAR: f32 = 0.70710678; // the points, 1 / sqrt 2
const FAR: f32 = 1.41421356; // and sqrt 2

struct Uniforms {
  channels: u32,
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row of y
  tileRows: u32, // of one image
  tileGroups: u32, // groups of 4 tiles per row
  firstRow: u32, // first row of tiles of the stripe
  rows: u32, // rows of tiles of the stripe
  biases: u32, // 1 if bias is added; else the binding is not read
  least: f32, // the activation is max(least, .): 0, or the smallest number if there is none
}
@group(0) @binding(0) var<storage, read> m: array<vec4f>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
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
  let x16 = t % uniforms.tileGroups;
  let image = tileRow / uniforms.tileRows;
  let top = tileRow % uniforms.tileRows * 4;

  let stride = uniforms.channels * total; // from one form to the next
  var h: array<vec4f, 24>; // 4 rows of 6 forms; a vector's components are the four tiles
  for (var j: u32 = 0; j < 6; j++) { // unroll
    let a = m[item + (6 + j) * stride];
    let b = m[item + (12 + j) * stride];
    let c = m[item + (18 + j) * stride];
    let d = m[item + (24 + j) * stride];
    h[j] = m[item + j * stride] + (a + b) + (c + d);
    h[6 + j] = NEAR * (a - b) + FAR * (c - d);
    h[12 + j] = 0.5 * (a + b) + 2.0 * (c + d);
    h[18 + j] = 0.5 * NEAR * (a - b) + 2.0 * FAR * (c - d) + m[item + (30 + j) * stride];
  }
  let isBiased = uniforms.biases == 1;
  let add = select(0.0, bias[select(0, o, isBiased)], isBiased);
  for (var i: u32 = 0; i < 4; i++) { // unroll
    let a = h[i * 6 + 1];
    let b = h[i * 6 + 2];
    let c = h[i * 6 + 3];
    let d = h[i * 6 + 4];
    let q = mat4x4f(
      h[i * 6] + (a + b) + (c + d) + add,
      NEAR * (a - b) + FAR * (c - d) + add,
      0.5 * (a + b) + 2.0 * (c + d) + add,
      0.5 * NEAR * (a - b) + 2.0 * FAR * (c - d) + h[i * 6 + 5] + add,
    );
    let pixels = transpose(q); // a column is a tile's four pixels of the row
    for (var tile: u32 = 0; tile < 4; tile++) { // unroll
      let x4 = x16 * 4 + tile;
      if (top + i < uniforms.height && x4 * 4 < uniforms.width) {
        let index = at(image * uniforms.height + top + i, x4, o, uniforms.blocks, uniforms.channels);
        var value = max(pixels[tile], vec4f(uniforms.least));
        if (MASK) { value = select(vec4f(), value, mask[index] > vec4f()); }
        let column = vec4u(0, 1, 2, 3) + x4 * 4;
        y[index] = select(vec4f(), value, column < vec4u(uniforms.width));
      }
    }
  }
}
