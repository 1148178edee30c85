// Gathers along each of four axes: y[n,c,i,j] = x[source(n), source(c), source(i), source(j)], or
// `fill` where one of them is outside x, with
//   source(p) = border((p * step + offset) / divisor)
// which is outside if the division leaves a rest. Borders: 0: past the end is outside; 1: edge;
// 2: reflect; 3: wrap. x and y are both images [N,C,H,W] or both dense. One invocation writes four
// elements.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four elements of y, padding included
  isImage: u32, // whether x and y are images
  blocks: u32, // blocks of 32 pixels per row of y
  inBlocks: u32,
  fill: f32,
  count0: u32, // of y
  count1: u32,
  count2: u32,
  count3: u32,
  size0: u32, // of x
  size1: u32,
  size2: u32,
  size3: u32,
  step0: i32,
  step1: i32,
  step2: i32,
  step3: i32,
  offset0: i32, // not negative with the borders 2 and 3
  offset1: i32,
  offset2: i32,
  offset3: i32,
  divisor0: u32,
  divisor1: u32,
  divisor2: u32,
  divisor3: u32,
  border0: u32,
  border1: u32,
  border2: u32,
  border3: u32,
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

fn remainder(at: i32, period: i32) -> i32 {
  if (at < period) { return at; }
  return at - i32(quotient(u32(at), u32(period))) * period;
}

// The position in x for a position multiplied by the step, plus the offset; -1: outside.
fn source(at: i32, size: u32, divisor: u32, border: u32) -> i32 {
  let last = i32(size) - 1;
  if (border == 1) { return clamp(at, 0, last); }
  if (border == 2) {
    let turned = remainder(at, 2 * last);
    return min(turned, 2 * last - turned);
  }
  if (border == 3) { return remainder(at, i32(size)); }
  if (divisor == 1) { return select(-1, at, at >= 0 && at <= last); }
  let found = i32(quotient(u32(max(0, at)), divisor));
  return select(-1, found, found <= last && found * i32(divisor) == at);
}

// The row of x for a row of y: a vector of image, channel and row in x, one of which is -1 outside.
fn rowAt(n: u32, c: u32, i: u32) -> vec3i {
  return vec3i(
    source(i32(n) * uniforms.step0 + uniforms.offset0, uniforms.size0, uniforms.divisor0, uniforms.border0),
    source(i32(c) * uniforms.step1 + uniforms.offset1, uniforms.size1, uniforms.divisor1, uniforms.border1),
    source(i32(i) * uniforms.step2 + uniforms.offset2, uniforms.size2, uniforms.divisor2, uniforms.border2),
  );
}

fn elementAt(row: vec3i, j: u32) -> f32 {
  let px = source(i32(j) * uniforms.step3 + uniforms.offset3, uniforms.size3, uniforms.divisor3, uniforms.border3);
  if (any(row < vec3i()) || px < 0) { return uniforms.fill; }
  let place = vec4u(vec4i(row, px));
  if (uniforms.isImage == 0) {
    return x[((place.x * uniforms.size1 + place.y) * uniforms.size2 + place.z) * uniforms.size3 + place.w];
  }
  let line = place.x * uniforms.size2 + place.z;
  return x[((line * uniforms.inBlocks + (place.w >> 5)) * uniforms.size1 + place.y) * 32 + (place.w & 31)];
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  var n: u32;
  var c: u32;
  var i: u32;
  var j: u32;
  if (uniforms.isImage != 0) {
    let block = index >> 3;
    let line = quotient(block, uniforms.count1);
    c = block - line * uniforms.count1;
    let row = quotient(line, uniforms.blocks);
    n = quotient(row, uniforms.count2);
    i = row - n * uniforms.count2;
    j = (line - row * uniforms.blocks) * 32 + (index & 7) * 4;
    if (j >= uniforms.count3) { return; }
  } else {
    let row = quotient(index * 4, uniforms.count3);
    j = index * 4 - row * uniforms.count3;
    let plane = quotient(row, uniforms.count2);
    i = row - plane * uniforms.count2;
    n = quotient(plane, uniforms.count1);
    c = plane - n * uniforms.count1;
  }
  var row = rowAt(n, c, i);
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (j < uniforms.count3 && n < uniforms.count0) { value[k] = elementAt(row, j); }
    j++;
    if (uniforms.isImage == 0 && j == uniforms.count3) {
      j = 0;
      i++;
      if (i == uniforms.count2) { i = 0; c++; }
      if (c == uniforms.count1) { c = 0; n++; }
      row = rowAt(n, c, i);
    }
  }
  y[index] = value;
}
