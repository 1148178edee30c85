// max-pool2d-gradient for adapters that load faster from textures: x, dy and more as textures, of
// which more begins at a whole group of four pixels of dx:
//   dx = (scatter(dy) + more[n,first+c,i-top,j-4*left4]) where x > 0, more being 0 outside it
// with MORE the sum and with RELU the mask. One invocation does four pixels of two rows of dx.
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
const MORE: bool = false; // whether more is added; without, the binding is not read
const RELU: bool = false; // whether dx is 0 where x is not above 0
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  firstRow: u32, // of all images' rows of windows that the dispatch does
  channels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  inFold: u32, // binary logarithm of the rows of blocks side by side
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  outFold: u32,
  moreChannels: u32,
  moreHeight: u32,
  moreWidth: u32,
  moreBlocks: u32,
  moreFold: u32,
  first: u32, // channel of more that belongs to channel 0
  top: u32,
  left4: u32, // in groups of four pixels
}
@group(0) @binding(0) var x: XTexels;
@group(0) @binding(1) var dy: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var more: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The texel of the same group, if 2^fold rows of blocks are side by side.
fn texel(row: u32, x4: u32, c: u32, blocks: u32, channels: u32, fold: u32) -> vec2u {
  let line = row * blocks + (x4 >> 3);
  let side = line & ((1u << fold) - 1);
  return vec2u((side * channels + c) * 8 + (x4 & 7), line >> fold);
}

// The group x4 of row i of dx in more: its padding is 0.
fn moreAt(image: u32, i: u32, x4: u32, c: u32) -> vec4f {
  let row = i - uniforms.top; // wraps to a large number above more
  let group = x4 - uniforms.left4;
  let isInside = row < uniforms.moreHeight && group * 4 < uniforms.moreWidth;
  let source = image * uniforms.moreHeight + min(row, uniforms.moreHeight - 1);
  let near = min(group, (uniforms.moreWidth - 1) >> 2);
  let found = textureLoad(more, texel(source, near, c + uniforms.first, uniforms.moreBlocks, uniforms.moreChannels, uniforms.moreFold));
  return select(vec4f(), found, isInside);
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
  let upper = image * uniforms.inHeight + i * 2;
  let hasLower = i * 2 + 1 < uniforms.inHeight;
  let lower = upper + select(0u, 1u, hasLower);
  let a = textureLoad(x, texel(upper, x4, c, uniforms.inBlocks, uniforms.channels, uniforms.inFold));
  let b = textureLoad(x, texel(lower, x4, c, uniforms.inBlocks, uniforms.channels, uniforms.inFold));
  let outRow = image * uniforms.outHeight + min(i, uniforms.outHeight - 1);
  let d = textureLoad(dy, texel(outRow, min(x4 * 2, uniforms.outWidth - 1) >> 2, c, uniforms.outBlocks, uniforms.channels, uniforms.outFold));
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
  dx[at(upper, x4, c, uniforms.inBlocks, uniforms.channels)] = da;
  if (hasLower) { dx[at(lower, x4, c, uniforms.inBlocks, uniforms.channels)] = db; }
}
