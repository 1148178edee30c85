// Gradient of the weight and bias of a depthwise convolution, first stage: partial sums over ranges
// of rows.
//   parts[s,o,ky,kx] = sum over the rows of split s of dy[n,o,i,j]
//     * x[n,o/multiplier,i*STRIDE_Y+ky*DILATION_Y-top,j*STRIDE+kx*DILATION-left]
//   biasParts[s,o] = sum over the same rows of dy[n,o,i,j]
// x [N,CI,H,W] and dy [N,CO,OH,OW] in image order, x being 0 outside; parts dense. `sum-splits` adds
// the splits. One invocation computes all sums of one channel. It walks down a column of groups of
// 4 pixels, so that a row of x is read once for all rows of the kernel.
const HEIGHT: u32 = 3; // rows of the kernel
const KERNEL: u32 = 3; // columns of the kernel
const STRIDE_Y: u32 = 1; // between rows
const STRIDE: u32 = 1; // between columns
const DILATION_Y: u32 = 1; // between rows of taps
const DILATION: u32 = 1; // between columns of taps
const SHIFT: u32 = 3; // position of the first pixel needed in the groups read
const OVERLAP: u32 = 2; // rows of x that the next row of dy needs again
const LANES: u32 = 8; // invocations per workgroup

const TAPS: u32 = HEIGHT * KERNEL; // weights of a channel
const GROUPS: u32 = (SHIFT + 3 * STRIDE + (KERNEL - 1) * DILATION) / 4 + 1; // groups of 4 pixels read per row
const LINES: u32 = (HEIGHT - 1) * DILATION_Y + 1; // rows of x that a row of dy needs

struct Uniforms {
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outRows: u32, // images times height of dy
  outBlocks: u32,
  outGroups: u32,
  multiplier: u32, // output channels per input channel
  top: u32, // rows of zeros above x
  leftGroups: u32, // groups of 4 pixels read to the left of the first
  rowsPerSplit: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let o = id.x * LANES + lane;
  if (o >= uniforms.outChannels) { return; }
  let c = o / uniforms.multiplier;
  var sum: array<f32, TAPS>;
  var biasSum: vec4f;
  let begin = id.y * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.outRows);
  for (var x4: u32 = 0; x4 < uniforms.outGroups; x4++) {
    var p: array<vec4f, LINES * GROUPS>;
    for (var row = begin; row < end; row++) {
      let image = row / uniforms.outHeight;
      let i = row - image * uniforms.outHeight;
      let first = row == begin || i == 0;
      for (var r: u32 = 0; r < LINES; r++) { // unroll
        if (r < OVERLAP && !first) {
          for (var g: u32 = 0; g < GROUPS; g++) { // unroll
            p[r * GROUPS + g] = p[(r + STRIDE_Y) % LINES * GROUPS + g];
          }
        } else {
          let inRow = i * STRIDE_Y + r - uniforms.top; // wraps to a large number above the image
          for (var g: u32 = 0; g < GROUPS; g++) { // unroll
            let column = x4 * STRIDE + g - uniforms.leftGroups;
            let inside = inRow < uniforms.inHeight && column < uniforms.inGroups;
            let place = at(image * uniforms.inHeight + inRow, column, c, uniforms.inBlocks, uniforms.inChannels);
            p[r * GROUPS + g] = select(vec4f(), x[select(0, place, inside)], inside);
          }
        }
      }
      let d = dy[at(row, x4, o, uniforms.outBlocks, uniforms.outChannels)];
      biasSum += d;
      for (var ky: u32 = 0; ky < HEIGHT; ky++) { // unroll
        for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
          for (var k: u32 = 0; k < 4; k++) { // unroll
            sum[ky * KERNEL + kx] = fma(d[k], p[ky * DILATION_Y * GROUPS + (SHIFT + kx * DILATION + k * STRIDE) / 4][(SHIFT + kx * DILATION + k * STRIDE) % 4], sum[ky * KERNEL + kx]);
          }
        }
      }
    }
  }
  let place = id.y * uniforms.outChannels + o;
  for (var t: u32 = 0; t < TAPS; t++) { // unroll
    parts[place * TAPS + t] = sum[t];
  }
  biasParts[place] = dot(biasSum, vec4f(1));
}
