// Axes are split into digits, permuted and joined again:
//   y[d0, d1, ..., d5] = x[d0 * step0 + d1 * step1 + ... + d5 * step5]
// where the digits are the row-major position in y in mixed radix, and the position in x is row-major
// too. x and y are images [N,C,H,W] or dense. One invocation writes four elements.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four elements of y, padding included
  count: u32, // elements of y
  isImage: u32, // whether y is an image
  channels: u32, // of y, if it is an image
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  isInImage: u32, // whether x is an image
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32,
  size1: u32, // of the digits, the last one varies fastest
  size2: u32,
  size3: u32,
  size4: u32,
  size5: u32,
  step0: u32, // in x, in elements
  step1: u32,
  step2: u32,
  step3: u32,
  step4: u32,
  step5: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1
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

// The place in the memory of x of a row-major position, and the elements that follow it in its row.
fn placeOf(position: u32) -> vec2u {
  if (uniforms.isInImage == 0) { return vec2u(position, 4); }
  let row = quotient(position, uniforms.inWidth);
  let px = position - row * uniforms.inWidth;
  let plane = quotient(row, uniforms.inHeight);
  let i = row - plane * uniforms.inHeight;
  let image = quotient(plane, uniforms.inChannels);
  let c = plane - image * uniforms.inChannels;
  let line = image * uniforms.inHeight + i;
  let place = ((line * uniforms.inBlocks + (px >> 5)) * uniforms.inChannels + c) * 32 + (px & 31);
  return vec2u(place, min(31 - (px & 31), uniforms.inWidth - 1 - px));
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  var first = index * 4;
  var last = uniforms.count;
  if (uniforms.isImage != 0) {
    let block = index >> 3;
    let line = quotient(block, uniforms.channels);
    let c = block - line * uniforms.channels;
    let row = quotient(line, uniforms.blocks);
    let px = (line - row * uniforms.blocks) * 32 + (index & 7) * 4;
    let image = quotient(row, uniforms.height);
    if (px >= uniforms.width) { return; }
    let start = ((image * uniforms.channels + c) * uniforms.height + row - image * uniforms.height) * uniforms.width;
    first = start + px;
    last = start + uniforms.width;
  }
  var d4 = quotient(first, uniforms.size5);
  var d5 = first - d4 * uniforms.size5;
  var d3 = quotient(d4, uniforms.size4);
  d4 -= d3 * uniforms.size4;
  var d2 = quotient(d3, uniforms.size3);
  d3 -= d2 * uniforms.size3;
  var d1 = quotient(d2, uniforms.size2);
  d2 -= d1 * uniforms.size2;
  var d0 = quotient(d1, uniforms.size1);
  d1 -= d0 * uniforms.size1;
  var value = vec4f();
  var place = vec2u();
  var next = 0xffffffffu; // the position after the element before
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let position = d0 * uniforms.step0 + d1 * uniforms.step1 + d2 * uniforms.step2
      + d3 * uniforms.step3 + d4 * uniforms.step4 + d5 * uniforms.step5;
    if (position == next && place.y > 0) {
      place = vec2u(place.x + 1, place.y - 1);
    } else {
      place = placeOf(position);
    }
    next = position + 1;
    if (first + k < last) { value[k] = x[place.x]; }
    d5++;
    if (d5 == uniforms.size5) { d5 = 0; d4++; }
    if (d4 == uniforms.size4) { d4 = 0; d3++; }
    if (d3 == uniforms.size3) { d3 = 0; d2++; }
    if (d2 == uniforms.size2) { d2 = 0; d1++; }
    if (d1 == uniforms.size1) { d1 = 0; d0++; }
  }
  y[index] = value;
}
