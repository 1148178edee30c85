// Winograd F(4x4, 3x3), step 1 of 3: the input's tiles, transformed.
//   v[i*6+j][c][tile] = sum over r,s of B[i][r] B[j][s] x[n,c,4ty+r-BORDER,4tx+s-BORDER]
// The input is skip [N,CS,HS,WS], cropped to the rows and columns of x, followed by x [N,CX,H,W];
// without a skip CS is 0. A skip needs BORDER 0. Both in image order; pixels outside are 0.
// v: [36][CS + CX][groups of 4 tiles], a group being four neighbours of a row of tiles; the rows are
// those of a stripe, counted over all images. The points are 0, +-1/sqrt 2, +-sqrt 2 and
// infinity. One invocation transforms four tiles of one channel, which is that of its workgroup.
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full
const SKIP: bool = false; // whether there is a skip; without, the binding is not read
const LANES: u32 = 4; // invocations per workgroup

const NEAR: f32 = 0.70710678; // the points, 1 / sqrt 2
const FAR: f32 = 1.41421356; // and sqrt 2
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the first output's
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 21) / 4; // groups of 4 pixels read per row

struct Uniforms {
  channels: u32,
  height: u32,
  blocks: u32, // blocks of 32 pixels per row of x
  groups: u32, // groups of 4 pixels per row of x
  skipChannels: u32,
  skipHeight: u32,
  skipBlocks: u32,
  skipTop: u32, // rows of the skip above the crop
  skipLeft: u32, // groups of 4 pixels of the skip to the left of it
  tileRows: u32, // of one image
  tileGroups: u32, // groups of 4 tiles per row
  firstRow: u32, // first row of tiles of the stripe
  rows: u32, // rows of tiles of the stripe
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> skip: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The group x4 of row y of channel c of the input, counted over skip and x.
fn load(image: u32, c: u32, y: u32, x4: u32) -> vec4f {
  if (SKIP) {
    if (c < uniforms.skipChannels) {
      let row = image * uniforms.skipHeight + uniforms.skipTop + y;
      return skip[at(row, x4 + uniforms.skipLeft, c, uniforms.skipBlocks, uniforms.skipChannels)];
    }
  }
  return x[at(image * uniforms.height + y, x4, c - uniforms.skipChannels, uniforms.blocks, uniforms.channels)];
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let total = uniforms.rows * uniforms.tileGroups; // groups of 4 tiles of a channel
  let t = id.x * LANES + lane;
  if (t >= total) { return; }
  let c = id.y;
  let tileRow = uniforms.firstRow + t / uniforms.tileGroups;
  let x16 = t % uniforms.tileGroups; // four tiles are 16 pixels wide
  let image = tileRow / uniforms.tileRows;
  let top = tileRow % uniforms.tileRows * 4;

  var h: array<vec4f, 36>; // rows, transformed along x; a vector's components are the four tiles
  for (var r: u32 = 0; r < 6; r++) { // unroll
    let y = top + r - BORDER; // wraps to a large number above the image
    let inY = min(y, uniforms.height - 1);
    var p: array<vec4f, GROUPS>;
    for (var g: u32 = 0; g < GROUPS; g++) { // unroll
      let group = x16 * 4 + g - LEFT;
      let loaded = load(image, c, inY, min(group, uniforms.groups - 1));
      p[g] = select(vec4f(), loaded, y < uniforms.height && group < uniforms.groups);
    }
    var d: array<vec4f, 6>;
    for (var s: u32 = 0; s < 6; s++) { // unroll
      d[s] = vec4f(
        p[(SHIFT + s) / 4][(SHIFT + s) % 4],
        p[(SHIFT + s + 4) / 4][(SHIFT + s) % 4],
        p[(SHIFT + s + 8) / 4][(SHIFT + s) % 4],
        p[(SHIFT + s + 12) / 4][(SHIFT + s) % 4],
      );
    }
    let even = d[4] - 2.0 * d[2];
    let odd = (d[3] - 2.0 * d[1]) * NEAR;
    let evenFar = d[4] - 0.5 * d[2];
    let oddFar = (d[3] - 0.5 * d[1]) * FAR;
    h[r * 6] = d[0] + d[4] - 2.5 * d[2];
    h[r * 6 + 1] = even + odd;
    h[r * 6 + 2] = even - odd;
    h[r * 6 + 3] = evenFar + oddFar;
    h[r * 6 + 4] = evenFar - oddFar;
    h[r * 6 + 5] = d[1] + d[5] - 2.5 * d[3];
  }
  let stride = (uniforms.skipChannels + uniforms.channels) * total; // from one form to the next
  let item = c * total + t;
  for (var j: u32 = 0; j < 6; j++) { // unroll
    let even = h[24 + j] - 2.0 * h[12 + j];
    let odd = (h[18 + j] - 2.0 * h[6 + j]) * NEAR;
    let evenFar = h[24 + j] - 0.5 * h[12 + j];
    let oddFar = (h[18 + j] - 0.5 * h[6 + j]) * FAR;
    v[item + j * stride] = h[j] + h[24 + j] - 2.5 * h[12 + j];
    v[item + (6 + j) * stride] = even + odd;
    v[item + (12 + j) * stride] = even - odd;
    v[item + (18 + j) * stride] = evenFar + oddFar;
    v[item + (24 + j) * stride] = evenFar - oddFar;
    v[item + (30 + j) * stride] = h[6 + j] + h[30 + j] - 2.5 * h[18 + j];
  }
}
