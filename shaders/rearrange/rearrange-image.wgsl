// rearrange.wgsl for images whose axes are made up of whole digits, such as blocks of pixels that become
// channels: the position along each axis of y is split by itself.
//   y[n,c,i,j] = x[start + column], where each digit of n, c, i and j moves either the start of the
//   row and channel in the memory of x, or the column
// x and y are images [N,C,H,W]. One invocation writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of y, padding included
  channels: u32, // of y
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row of y
  inChannels: u32,
  imageSize1: u32, // of the middle and the last digit of an image's number
  imageSize2: u32,
  channelSize1: u32,
  channelSize2: u32,
  rowSize: u32, // of the last of two digits
  columnSize: u32,
  imageStep0: u32, // of the start, in floats
  imageStep1: u32,
  imageStep2: u32,
  channelStep0: u32,
  channelStep1: u32,
  channelStep2: u32,
  rowStep0: u32,
  rowStep1: u32,
  columnStep0: u32,
  columnStep1: u32,
  imageMove0: u32, // of the column, in pixels
  imageMove1: u32,
  imageMove2: u32,
  channelMove0: u32,
  channelMove1: u32,
  channelMove2: u32,
  rowMove0: u32,
  rowMove1: u32,
  columnMove0: u32,
  columnMove1: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1 of rearrange
// a / b for a < 2^31. A CPU divides the integers of a vector one by one, so this is done in floats:
// an estimate, the estimate of the rest, and a correction by one.
fn quotient(a: u32, b: u32) -> u32 {
  let inverse = 1.0 / f32(b);
  let near = i32(f32(a) * inverse);
  let rest = i32(a) - near * i32(b);
  let more = i32(floor(f32(rest) * inverse));
  let left = rest - more * i32(b);
  return u32(near + more + select(0, 1, left >= i32(b)) - select(0, 1, left < 0));
}
// end

// A number as two digits, the last below `size`.
fn split(value: u32, size: u32) -> vec2u {
  if (size == 1) { return vec2u(value, 0); }
  let high = quotient(value, size);
  return vec2u(high, value - high * size);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let block = index >> 3;
  let line = quotient(block, uniforms.channels);
  let row = quotient(line, uniforms.blocks);
  let px = (line - row * uniforms.blocks) * 32 + (index & 7) * 4;
  if (px >= uniforms.width) { return; }
  let image = split(row, uniforms.height);
  let n = split(image.x, uniforms.imageSize2);
  let nn = split(n.x, uniforms.imageSize1);
  let c = split(block - line * uniforms.channels, uniforms.channelSize2);
  let cc = split(c.x, uniforms.channelSize1);
  let i = split(image.y, uniforms.rowSize);
  var j = split(px, uniforms.columnSize);
  let start = nn.x * uniforms.imageStep0 + nn.y * uniforms.imageStep1 + n.y * uniforms.imageStep2
    + cc.x * uniforms.channelStep0 + cc.y * uniforms.channelStep1 + c.y * uniforms.channelStep2
    + i.x * uniforms.rowStep0 + i.y * uniforms.rowStep1;
  let left = nn.x * uniforms.imageMove0 + nn.y * uniforms.imageMove1 + n.y * uniforms.imageMove2
    + cc.x * uniforms.channelMove0 + cc.y * uniforms.channelMove1 + c.y * uniforms.channelMove2
    + i.x * uniforms.rowMove0 + i.y * uniforms.rowMove1;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (px + k < uniforms.width) {
      let column = left + j.x * uniforms.columnMove0 + j.y * uniforms.columnMove1;
      let place = start + j.x * uniforms.columnStep0 + j.y * uniforms.columnStep1;
      value[k] = x[place + (column >> 5) * uniforms.inChannels * 32 + (column & 31)];
    }
    j.y++;
    if (j.y == uniforms.columnSize) { j = vec2u(j.x + 1, 0); }
  }
  y[index] = value;
}
