// Pooling over windows of any size: the largest pixel, its place in the window, or the mean.
//   y[n,c,i,j] = max or sum / divisor of x[n,c,a,b], a = i*stride - top + t*dilation inside x
// Adaptive windows are the rows i*H/H' to (i+1)*H/H', rounded outwards; the same for columns.
// x [N,C,H,W] and y [N,C,H',W'] in image order. One invocation writes four pixels.
const KIND: u32 = 0; // 0: the largest pixel; 1: its place, the first in row order; 2: the mean
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of y, padding included
  channels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  kernelHeight: u32, // of adaptive windows the largest
  kernelWidth: u32,
  strideY: u32, // 0: adaptive windows
  strideX: u32,
  dilationY: u32,
  dilationX: u32,
  top: u32, // padding
  left: u32,
  countedHeight: u32, // rows of x that count for the divisor, with its lower padding; 0: only x
  countedWidth: u32,
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

// shared 1
// a / b, rounded up, for a from 0.
fn ceiling(a: i32, b: u32) -> i32 {
  if (b == 1) { return a; }
  return i32(quotient(u32(a) + b - 1, b));
}

// A window along one axis: the position of tap 0 in x, the first tap inside x, the end of the taps
// inside x, and the number of taps that count for the mean.
fn window(i: u32, size: u32, outs: u32, kernel: u32, stride: u32, dilation: u32, before: u32, counted: u32) -> vec4i {
  if (stride == 0) {
    let first = quotient(i * size, outs);
    let taps = quotient((i + 1) * size + outs - 1, outs) - first;
    return vec4i(vec4u(first, 0, taps, taps));
  }
  let start = i32(i * stride) - i32(before);
  let first = ceiling(max(0, -start), dilation);
  let end = min(i32(kernel), ceiling(i32(size) - start, dilation));
  if (counted == 0) { return vec4i(start, first, end, end - first); }
  return vec4i(start, first, end, min(i32(kernel), ceiling(i32(counted) - start, dilation)));
}

fn rowWindow(i: u32) -> vec4i {
  return window(i, uniforms.inHeight, uniforms.outHeight, uniforms.kernelHeight, uniforms.strideY, uniforms.dilationY, uniforms.top, uniforms.countedHeight);
}

fn columnWindow(j: u32) -> vec4i {
  return window(j, uniforms.inWidth, uniforms.outWidth, uniforms.kernelWidth, uniforms.strideX, uniforms.dilationX, uniforms.left, uniforms.countedWidth);
}
// end

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
  let c = block - line * uniforms.channels;
  let row = quotient(line, uniforms.outBlocks);
  let px = (line - row * uniforms.outBlocks) * 32 + (index & 7) * 4;
  if (px >= uniforms.outWidth) { return; }
  let image = quotient(row, uniforms.outHeight);
  let rows = rowWindow(row - image * uniforms.outHeight);
  let pitch = uniforms.inBlocks * uniforms.channels * 32;
  let start = image * uniforms.inHeight * pitch + c * 32;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (px + k < uniforms.outWidth) {
      let columns = columnWindow(px + k);
      var best = -3.4028234e38;
      var place = rows.y * i32(uniforms.kernelWidth) + columns.y;
      var sum = 0.0;
      for (var t = rows.y; t < rows.z; t++) {
        let above = start + u32(rows.x + t * i32(uniforms.dilationY)) * pitch;
        for (var s = columns.y; s < columns.z; s++) {
          let b = u32(columns.x + s * i32(uniforms.dilationX));
          let found = x[above + (b >> 5) * uniforms.channels * 32 + (b & 31)];
          if (KIND == 2) { sum += found; }
          if (KIND == 1 && found > best) { place = t * i32(uniforms.kernelWidth) + s; }
          best = max(best, found);
        }
      }
      if (KIND == 0) { value[k] = best; }
      if (KIND == 1) { value[k] = f32(place); }
      if (KIND == 2) { value[k] = sum / f32(rows.w * columns.w); }
    }
  }
  y[index] = value;
}
