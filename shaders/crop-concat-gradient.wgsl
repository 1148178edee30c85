// Gradient of one input of crop-and-concat: its own channels of dy, with zeros where the crop cut:
//   dx[n,c,i,j] = dy[n,c+first,i-top,j-left], 0 outside of dy
// dy [N,C,H,W] and dx [N,CX,HX,WX] in image order. One invocation writes four pixels.
const LANES: u32 = 64; // invocations of a workgroup

struct Record {
  groups: u32, // groups of four pixels of dx, padding included
  channels: u32, // of dx
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels a row of dx
  first: u32, // first channel in dy
  gradientChannels: u32, // of dy
  gradientHeight: u32,
  gradientWidth: u32,
  gradientBlocks: u32,
  top: u32,
  left: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(2) var<uniform> record: Record;

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
  let row = rowBlock / record.blocks;
  let x4 = (rowBlock % record.blocks) * 8 + (index & 7);
  if (x4 * 4 >= record.width) { return; }
  let i = row % record.height - record.top; // wraps to a large number above dy
  let source = row / record.height * record.gradientHeight + i;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let px = x4 * 4 + k - record.left;
    if (i < record.gradientHeight && px < record.gradientWidth) {
      value[k] = dy[at(source, px >> 2, c + record.first, record.gradientBlocks, record.gradientChannels) * 4 + (px & 3)];
    }
  }
  dx[index] = value;
}
