// Gradient of 2x2 max-pooling: dy goes to the largest pixel of each window, to the first in row
// order if several are equal; found again from x, so that no indices are stored. In the same pass,
// with MORE, a second gradient of x is added, and with RELU, for an x = max(0, .), the sum is masked:
//   dx = (scatter(dy) + more[n,first+c,i-top,j-left]) where x > 0, more being 0 outside it
// x and dx [N,C,H,W], dy [N,C,floor(H/2),floor(W/2)] and more in image order. One invocation does
// four pixels of two rows of dx.
const MORE: bool = false; // whether more is added; without, the binding is not read
const RELU: bool = false; // whether dx is 0 where x is not above 0
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  firstRow: u32, // of all images' rows of windows that the dispatch does
  channels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  moreChannels: u32,
  moreHeight: u32,
  moreWidth: u32,
  moreBlocks: u32,
  first: u32, // channel of more that belongs to channel 0
  top: u32,
  left: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> more: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// Four pixels of more for row i of dx, from pixel x4 * 4.
fn moreAt(image: u32, i: u32, x4: u32, c: u32) -> vec4f {
  let row = i - uniforms.top; // wraps to a large number above more
  let source = image * uniforms.moreHeight + min(row, uniforms.moreHeight - 1);
  var value: vec4f;
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let px = x4 * 4 + k - uniforms.left;
    let near = min(px, uniforms.moreWidth - 1);
    let found = more[at(source, near >> 2, c + uniforms.first, uniforms.moreBlocks, uniforms.moreChannels) * 4 + (near & 3)];
    value[k] = select(0.0, found, row < uniforms.moreHeight && px < uniforms.moreWidth);
  }
  return value;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // A workgroup does 8 channels of a block: divisions would cost as much as the loads.
  let c = id.x * (LANES / 8) + (lane >> 3);
  let pair = id.y + uniforms.firstRow;
  let x4 = id.z * 8 + (lane & 7);
  if (c >= uniforms.channels || x4 * 4 >= uniforms.inWidth) { return; }
  let pairs = (uniforms.inHeight + 1) / 2;
  let image = pair / pairs;
  let i = pair % pairs;
  let upper = at(image * uniforms.inHeight + i * 2, x4, c, uniforms.inBlocks, uniforms.channels);
  let hasLower = i * 2 + 1 < uniforms.inHeight;
  let lower = upper + select(0, uniforms.inBlocks * uniforms.channels * 8, hasLower);
  let a = x[upper];
  let b = x[lower];
  let outRow = image * uniforms.outHeight + min(i, uniforms.outHeight - 1);
  let d = dy[at(outRow, min(x4 * 2, uniforms.outWidth - 1) >> 2, c, uniforms.outBlocks, uniforms.channels)];
  // Pixels in an odd last row or column are in no window. dy is 0 past its width, so that a
  // window there gives 0.
  let hasWindow = i < uniforms.outHeight && x4 * 2 < uniforms.outWidth;
  let half = select(vec2f(), select(d.xy, d.zw, (x4 & 1) == 1), hasWindow);
  let inUpper = max(a.xz, a.yw) >= max(b.xz, b.yw);
  let leftOfA = a.xz >= a.yw;
  let leftOfB = b.xz >= b.yw;
  let al = select(vec2f(), half, inUpper & leftOfA);
  let ar = select(vec2f(), half, inUpper & !leftOfA);
  let bl = select(vec2f(), half, !inUpper & leftOfB);
  let br = select(vec2f(), half, !inUpper & !leftOfB);
  var da = vec4f(al.x, ar.x, al.y, ar.y);
  var db = vec4f(bl.x, br.x, bl.y, br.y);
  if (MORE) {
    da += moreAt(image, i * 2, x4, c);
    db += moreAt(image, i * 2 + 1, x4, c);
  }
  if (RELU) {
    da = select(vec4f(), da, a > vec4f());
    db = select(vec4f(), db, b > vec4f());
  }
  dx[upper] = da;
  if (hasLower) { dx[lower] = db; }
}
