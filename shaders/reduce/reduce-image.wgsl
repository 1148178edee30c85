// First stage of a reduction of an image over some of its axes: sums, or largest or smallest
// values, of parts of the elements that become one. x [N,C,H,W] in image order. parts
// [outputs][splits * lanes] of four pixels, dense: the four are joined later if the columns are
// reduced, else they are four outputs. Outputs are the kept axes, row-major, groups of four pixels
// last. One invocation does one part: every `splits`-th index of one reduced axis (of n, y, c,
// blocks: number `axis`), and, if the columns are reduced, every `lanes`-th group of a row.
const KIND: u32 = 0; // 0: sum, 1: largest, 2: smallest

struct Uniforms {
  count: u32, // parts
  splits: u32,
  axis: u32,
  lanes: u32,
  keptRows: u32, // sizes of the kept axes: 1 for reduced ones
  keptChannels: u32,
  keptGroups: u32,
  images: u32, // sizes of the reduced axes: 1 for kept ones
  rows: u32,
  channels: u32,
  trips: u32, // groups per row and lane
  height: u32, // of x
  width: u32,
  depth: u32, // channels of x
  blocks: u32, // blocks of 32 pixels per row
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

fn start() -> vec4f {
  if (KIND == 0) { return vec4f(); }
  return vec4f(select(-3.4028234e38, 3.4028234e38, KIND == 2));
}

fn join(a: vec4f, b: vec4f) -> vec4f {
  if (KIND == 0) { return a + b; }
  if (KIND == 1) { return max(a, b); }
  return min(a, b);
}

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * 64 + lane;
  if (index >= uniforms.count) { return; }
  let split = index / uniforms.lanes % uniforms.splits;
  var kept = index / uniforms.lanes / uniforms.splits;
  let firstGroup = kept % uniforms.keptGroups + index % uniforms.lanes;
  kept /= uniforms.keptGroups;
  let firstRow = kept % uniforms.keptRows;
  kept /= uniforms.keptRows;
  let firstChannel = kept % uniforms.keptChannels;
  let firstImage = kept / uniforms.keptChannels;
  let isSplit = vec4u(0, 1, 2, 3) == vec4u(uniforms.axis);
  let first = select(vec4u(), vec4u(split), isSplit);
  let step = select(vec4u(1), vec4u(uniforms.splits), isSplit);
  let groups = (uniforms.width + 3) / 4;
  var all = start();
  for (var n = first.x; n < uniforms.images; n += step.x) {
    for (var y = first.y; y < uniforms.rows; y += step.y) {
      let row = (firstImage + n) * uniforms.height + firstRow + y;
      var sum = start(); // of the row: long sums in steps are more accurate
      for (var trip = first.w; trip < uniforms.trips; trip += step.w) {
        let x4 = firstGroup + trip * uniforms.lanes;
        if (x4 >= groups) { break; }
        let isPadding = vec4u(0, 1, 2, 3) + x4 * 4 >= vec4u(uniforms.width);
        for (var c = first.z; c < uniforms.channels; c += step.z) {
          let value = x[at(row, x4, firstChannel + c, uniforms.blocks, uniforms.depth)];
          sum = join(sum, select(value, start(), isPadding));
        }
      }
      all = join(all, sum);
    }
  }
  parts[index] = all;
}
