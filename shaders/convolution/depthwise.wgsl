// Depthwise 2D convolution with bias and activation:
//   y[n,o,i,j] = max(least, bias[o] + sum over ky,kx of weight[o,ky,kx]
//     * x[n,o/multiplier,i*STRIDE_Y+ky*DILATION_Y-top,j*STRIDE+kx*DILATION-left])
// x [N,CI,H,W] and y [N,CO,OH,OW] in image order, CO = CI * multiplier; pixels outside x are 0. weight
// [CO,1,HEIGHT,KERNEL] dense; FLIP reverses its taps, for the input gradient.
// Memory is the limit: one invocation computes 4 pixels x ROWS rows of one channel, and loads each
// pixel once.
const HEIGHT: u32 = 3; // rows of the kernel
const KERNEL: u32 = 3; // columns of the kernel
const STRIDE_Y: u32 = 1; // between rows
const STRIDE: u32 = 1; // between columns
const DILATION_Y: u32 = 1; // between rows of taps
const DILATION: u32 = 1; // between columns of taps
const SHIFT: u32 = 3; // position of the first pixel needed in the groups read
const ROWS: u32 = 4; // output rows per invocation
const FLIP: bool = false; // whether the taps are read in reverse
const LANES: u32 = 64; // invocations per workgroup

const TAPS: u32 = HEIGHT * KERNEL; // weights of a channel
const GROUPS: u32 = (SHIFT + 3 * STRIDE + (KERNEL - 1) * DILATION) / 4 + 1; // groups of 4 pixels read per row
const LINES: u32 = (ROWS - 1) * STRIDE_Y + (HEIGHT - 1) * DILATION_Y + 1; // rows of x

struct Uniforms {
  firstBand: u32, // of the dispatch, counted over all images
  bands: u32, // bands of ROWS rows of an image of y
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  multiplier: u32, // output channels per input channel
  top: u32, // rows of zeros above x
  leftGroups: u32, // groups of 4 pixels read to the left of the first
  biases: u32, // 1 if bias is added; else it is not read
  least: f32, // 0 for ReLU
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let item = id.x * LANES + lane;
  let o = item >> 3;
  let x4 = id.z * 8 + (item & 7);
  if (o >= uniforms.outChannels || x4 * 4 >= uniforms.outWidth) { return; }
  let band = uniforms.firstBand + id.y;
  let image = band / uniforms.bands;
  let topRow = (band - image * uniforms.bands) * ROWS;
  let c = u32((f32(o) + 0.5) / f32(uniforms.multiplier)); // a division of integers takes longer

  var w: array<f32, TAPS>;
  for (var t: u32 = 0; t < TAPS; t++) { // unroll
    w[t] = weight[o * TAPS + t];
  }
  var p: array<vec4f, LINES * GROUPS>;
  for (var r: u32 = 0; r < LINES; r++) { // unroll
    for (var g: u32 = 0; g < GROUPS; g++) { // unroll
      let row = topRow * STRIDE_Y + r - uniforms.top; // wraps to a large number above the image
      let column = x4 * STRIDE + g - uniforms.leftGroups;
      let inside = row < uniforms.inHeight && column < uniforms.inGroups;
      let place = at(image * uniforms.inHeight + row, column, c, uniforms.inBlocks, uniforms.inChannels);
      p[r * GROUPS + g] = select(vec4f(), x[select(0, place, inside)], inside);
    }
  }
  let add = select(0.0, bias[o * uniforms.biases], uniforms.biases == 1);
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.outWidth);
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    var sum = vec4f(add);
    for (var ky: u32 = 0; ky < HEIGHT; ky++) { // unroll
      for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
        let v = vec4f(
          p[(r * STRIDE_Y + ky * DILATION_Y) * GROUPS + (SHIFT + kx * DILATION) / 4][(SHIFT + kx * DILATION) % 4],
          p[(r * STRIDE_Y + ky * DILATION_Y) * GROUPS + (SHIFT + kx * DILATION + STRIDE) / 4][(SHIFT + kx * DILATION + STRIDE) % 4],
          p[(r * STRIDE_Y + ky * DILATION_Y) * GROUPS + (SHIFT + kx * DILATION + 2 * STRIDE) / 4][(SHIFT + kx * DILATION + 2 * STRIDE) % 4],
          p[(r * STRIDE_Y + ky * DILATION_Y) * GROUPS + (SHIFT + kx * DILATION + 3 * STRIDE) / 4][(SHIFT + kx * DILATION + 3 * STRIDE) % 4],
        );
        sum = fma(v, vec4f(select(w[ky * KERNEL + kx], w[TAPS - 1 - (ky * KERNEL + kx)], FLIP)), sum);
      }
    }
    if (topRow + r < uniforms.outHeight) {
      // Pixels past the right edge are written as 0: the padding rule.
      y[at(image * uniforms.outHeight + topRow + r, x4, o, uniforms.outBlocks, uniforms.outChannels)] = select(vec4f(), max(vec4f(uniforms.least), sum), keep);
    }
  }
}
