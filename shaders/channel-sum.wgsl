// Sum of each channel over all pixels, first stage (the gradient of a bias):
//   parts[s,c] = sum over the rows of split s and over x of dy[n,c,y,x]
// dy [N,C,H,W] in image order, its padding zero; parts dense. `sum-splits` adds the splits.
// One invocation adds one channel of one split.
const LANES: u32 = 8; // invocations of a workgroup

struct Record {
  channels: u32,
  rows: u32, // images times height
  blocks: u32, // blocks of 32 pixels a row
  groups: u32, // groups of 4 pixels a row
  rowsPerSplit: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let c = id.x * LANES + lane;
  if (c >= record.channels) { return; }
  let begin = id.y * record.rowsPerSplit;
  let end = min(begin + record.rowsPerSplit, record.rows);
  var sum = vec4f();
  for (var row = begin; row < end; row++) {
    for (var x4: u32 = 0; x4 < record.groups; x4++) {
      sum += dy[at(row, x4, c, record.blocks, record.channels)];
    }
  }
  parts[id.y * record.channels + c] = (sum.x + sum.y) + (sum.z + sum.w);
}
