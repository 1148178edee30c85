// Gradient of 2x2 max-pooling: dy goes to the largest pixel of each window, to the first in row
// order where several are equal; found again from x, without a map of indices.
// x and dx [N,C,H,W], dy [N,C,floor(H/2),floor(W/2)] in image order. One invocation does four
// pixels of dx.
const LANES: u32 = 64; // invocations of a workgroup

struct Record {
  groups: u32, // groups of four pixels of dx, padding included
  channels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels a row
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> record: Record;

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
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= record.groups) { return; }
  let block = index >> 3;
  let c = block % record.channels;
  let rowBlock = block / record.channels;
  let row = rowBlock / record.inBlocks;
  let x4 = (rowBlock % record.inBlocks) * 8 + (index & 7);
  if (x4 * 4 >= record.inWidth) { return; }
  let i = row % record.inHeight / 2;
  let lower = row % record.inHeight % 2;
  // Pixels of an odd last row or column belong to no window.
  if (i >= record.outHeight || x4 * 2 >= record.outWidth) {
    dx[index] = vec4f();
    return;
  }
  let stride = record.inBlocks * record.channels * 8;
  let a = x[index - lower * stride]; // the window's upper row
  let b = x[index - lower * stride + stride];
  let d = dy[at(row / record.inHeight * record.outHeight + i, x4 >> 1, c, record.outBlocks, record.channels)];
  let half = select(d.xy, d.zw, (x4 & 1) == 1);
  // dy is 0 past its width, so that such windows give 0.
  let upperMax = max(a.xz, a.yw);
  let lowerMax = max(b.xz, b.yw);
  let inUpper = upperMax >= lowerMax;
  let pair = select(a, b, lower == 1);
  let mine = select(inUpper, !inUpper, vec2<bool>(lower == 1));
  let leftWins = pair.xz >= pair.yw;
  let left = select(vec2f(), half, mine & leftWins);
  let right = select(vec2f(), half, mine & !leftWins);
  dx[index] = vec4f(left.x, right.x, left.y, right.y);
}
