// The adjoint of gather.wgsl with steps and divisors of 1: dx[n,c,i,j] is the sum of all dy whose source
// is [n,c,i,j], in row-major order of the numbers of their repetitions. x and dy are both images
// [N,C,H,W] or both dense. One invocation writes four elements.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four elements of dx, padding included
  isImage: u32, // whether dx and dy are images
  blocks: u32, // blocks of 32 pixels per row of dx
  outBlocks: u32, // of dy
  size0: u32, // of dx
  size1: u32,
  size2: u32,
  size3: u32,
  count0: u32, // of dy
  count1: u32,
  count2: u32,
  count3: u32,
  offset0: i32, // not negative with the borders 2 and 3
  offset1: i32,
  offset2: i32,
  offset3: i32,
  border0: u32, // see gather.wgsl
  border1: u32,
  border2: u32,
  border3: u32,
  times0: u32, // how often a position may repeat, with the borders 2 and 3
  times1: u32,
  times2: u32,
  times3: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4f>;
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

// How often a position of an axis may repeat in dy.
fn repetitions(p: u32, size: u32, count: u32, offset: i32, border: u32, times: u32) -> u32 {
  if (border == 0) { return 1; }
  if (border > 1) { return times; }
  let first = select(i32(p), offset, p == 0);
  return u32(max(0, select(i32(p) + 1, offset + i32(count), p == size - 1) - first));
}

// The position in dy of repetition t of a position; -1: none.
fn repetition(p: u32, t: u32, size: u32, count: u32, offset: i32, border: u32) -> i32 {
  var at = i32(p);
  if (border == 1) { at = select(at, offset, p == 0) + i32(t); }
  if (border == 2) {
    let turn = i32((t + 1) / 2 * (2 * size - 2));
    at = select(turn + at, turn - at, t % 2 == 1);
    if (t % 2 == 1 && (p == 0 || p == size - 1)) { return -1; }
  }
  if (border == 3) { at += i32(t * size); }
  return select(-1, at - offset, at >= offset && at < offset + i32(count));
}

// The sums of `pixels` elements in a row.
fn sumsOf(n: u32, c: u32, i: u32, j: u32, pixels: u32) -> vec4f {
  var sums = vec4f();
  let times0 = repetitions(n, uniforms.size0, uniforms.count0, uniforms.offset0, uniforms.border0, uniforms.times0);
  let times1 = repetitions(c, uniforms.size1, uniforms.count1, uniforms.offset1, uniforms.border1, uniforms.times1);
  let times2 = repetitions(i, uniforms.size2, uniforms.count2, uniforms.offset2, uniforms.border2, uniforms.times2);
  for (var t0: u32 = 0; t0 < times0; t0++) {
    let image = repetition(n, t0, uniforms.size0, uniforms.count0, uniforms.offset0, uniforms.border0);
    if (image < 0) { continue; }
    for (var t1: u32 = 0; t1 < times1; t1++) {
      let channel = repetition(c, t1, uniforms.size1, uniforms.count1, uniforms.offset1, uniforms.border1);
      if (channel < 0) { continue; }
      for (var t2: u32 = 0; t2 < times2; t2++) {
        let row = repetition(i, t2, uniforms.size2, uniforms.count2, uniforms.offset2, uniforms.border2);
        if (row < 0) { continue; }
        for (var k: u32 = 0; k < pixels; k++) {
          sums[k] += sumAlong(vec3u(vec3i(image, channel, row)), j + k);
        }
      }
    }
  }
  return sums;
}

// The sum over the repetitions of a column in one row of dy.
fn sumAlong(row: vec3u, j: u32) -> f32 {
  let line = row.x * uniforms.count2 + row.z;
  let start = select((row.x * uniforms.count1 + row.y) * uniforms.count2 + row.z, line, uniforms.isImage != 0);
  let times = repetitions(j, uniforms.size3, uniforms.count3, uniforms.offset3, uniforms.border3, uniforms.times3);
  var sum = 0.0;
  for (var t: u32 = 0; t < times; t++) {
    let found = repetition(j, t, uniforms.size3, uniforms.count3, uniforms.offset3, uniforms.border3);
    if (found < 0) { continue; }
    let px = u32(found);
    if (uniforms.isImage == 0) {
      sum += dy[start * uniforms.count3 + px];
    } else {
      sum += dy[((start * uniforms.outBlocks + (px >> 5)) * uniforms.count1 + row.y) * 32 + (px & 31)];
    }
  }
  return sum;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  if (uniforms.isImage != 0) {
    let block = index >> 3;
    let line = quotient(block, uniforms.size1);
    let row = quotient(line, uniforms.blocks);
    let n = quotient(row, uniforms.size2);
    let j = (line - row * uniforms.blocks) * 32 + (index & 7) * 4;
    if (j >= uniforms.size3) { return; }
    let pixels = min(4, uniforms.size3 - j);
    dx[index] = sumsOf(n, block - line * uniforms.size1, row - n * uniforms.size2, j, pixels);
    return;
  }
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) {
    let row = quotient(index * 4 + k, uniforms.size3);
    let plane = quotient(row, uniforms.size2);
    let n = quotient(plane, uniforms.size1);
    if (n < uniforms.size0) {
      let j = index * 4 + k - row * uniforms.size3;
      value[k] = sumsOf(n, plane - n * uniforms.size1, row - plane * uniforms.size2, j, 1).x;
    }
  }
  dx[index] = value;
}
