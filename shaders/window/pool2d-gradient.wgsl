// Gradient of pool2d.wgsl: the sum of dy over the windows that hold a pixel, in the order of its places
// in them: for the maximum over those whose largest pixel it is, for the mean of dy / divisor.
// dx [N,C,H,W], dy and places [N,C,H',W'] in image order. One invocation writes four pixels.
const IS_MAX: bool = false; // whether places are read: that of the largest pixel in each window
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of dx, padding included
  channels: u32,
  inHeight: u32, // of dx
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outHeight: u32, // of dy
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
  windowsY: u32, // how many windows may hold a pixel, along rows
  windowsX: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> places: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

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

// shared 1 of pool2d
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

// The last window that may hold a pixel, along one axis.
fn lastWindow(a: u32, size: u32, outs: u32, stride: u32, before: u32) -> i32 {
  if (stride == 0) { return i32(quotient((a + 1) * outs + size - 1, size)) - 1; }
  return i32(quotient(a + before, stride));
}

// Which tap of window i a pixel is; -1: none.
fn tapOf(a: u32, i: i32, size: u32, outs: u32, kernel: u32, stride: u32, dilation: u32, before: u32) -> i32 {
  if (i < 0 || i >= i32(outs)) { return -1; }
  if (stride == 0) {
    let taps = window(u32(i), size, outs, kernel, stride, dilation, before, 0);
    let tap = i32(a) - taps.x;
    return select(-1, tap, tap < taps.z);
  }
  let offset = i32(a + before) - i * i32(stride);
  let tap = ceiling(offset, dilation);
  return select(-1, tap, tap < i32(kernel) && tap * i32(dilation) == offset);
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
  let c = block - line * uniforms.channels;
  let row = quotient(line, uniforms.inBlocks);
  let px = (line - row * uniforms.inBlocks) * 32 + (index & 7) * 4;
  if (px >= uniforms.inWidth) { return; }
  let image = quotient(row, uniforms.inHeight);
  let a = row - image * uniforms.inHeight;
  let pitch = uniforms.outBlocks * uniforms.channels * 32;
  let start = image * uniforms.outHeight * pitch + c * 32;
  let below = lastWindow(a, uniforms.inHeight, uniforms.outHeight, uniforms.strideY, uniforms.top);
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) {
    let b = px + k;
    if (b >= uniforms.inWidth) { break; }
    let right = lastWindow(b, uniforms.inWidth, uniforms.outWidth, uniforms.strideX, uniforms.left);
    var sum = 0.0;
    for (var i = below; i > below - i32(uniforms.windowsY); i--) {
      let t = tapOf(a, i, uniforms.inHeight, uniforms.outHeight, uniforms.kernelHeight, uniforms.strideY, uniforms.dilationY, uniforms.top);
      if (t < 0) { continue; }
      let above = start + u32(i) * pitch;
      var rowTaps = 1;
      if (!IS_MAX) { rowTaps = rowWindow(u32(i)).w; }
      for (var j = right; j > right - i32(uniforms.windowsX); j--) {
        let s = tapOf(b, j, uniforms.inWidth, uniforms.outWidth, uniforms.kernelWidth, uniforms.strideX, uniforms.dilationX, uniforms.left);
        if (s < 0) { continue; }
        let at = above + u32(j >> 5) * uniforms.channels * 32 + u32(j & 31);
        if (IS_MAX) {
          sum += select(0.0, dy[at], i32(places[at]) == t * i32(uniforms.kernelWidth) + s);
        } else {
          sum += dy[at] / f32(rowTaps * columnWindow(u32(j)).w);
        }
      }
    }
    value[k] = sum;
  }
  dx[index] = value;
}
