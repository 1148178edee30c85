// 2D convolution of any kernel, stride, dilation and number of groups, with bias and activation:
//   y[n,o,i,j] = max(least, bias[o] + sum over c,ky,kx of weight[o,c,ky,kx]
//     * x[n,group*CG+c,i*strideY+ky*dilationY-top,j*strideX+kx*dilationX-left]), group = o / OG
// x [N,CI,H,W] and y [N,CO,OH,OW] in image order; pixels outside x are 0. weight [CO,CG,KH,KW] dense,
// CG = CI / groups, OG = CO / groups.
// Direct: one invocation computes 4 pixels x ROWS rows x OUT channels of one group in registers. It
// gathers the pixels of a tap one by one. No workgroup memory, no barriers.
const OUT: u32 = 8; // output channels per invocation
const ROWS: u32 = 2; // output rows per invocation
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  groupIn: u32, // CG
  groupOut: u32, // OG
  kernelHeight: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  dilationY: u32,
  dilationX: u32,
  top: u32, // rows and columns of zeros before x
  left: u32,
  biases: u32, // 1 if bias is added; else it is not read
  least: f32, // 0 for ReLU
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

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
  let outGroups = (uniforms.outWidth + 3) / 4;
  let bands = (uniforms.outHeight + ROWS - 1) / ROWS;
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.batch * bands * outGroups) { return; }
  let x4 = index % outGroups;
  let band = index / outGroups;
  let image = band / bands;
  let topRow = (band % bands) * ROWS;
  let tiles = (uniforms.groupOut + OUT - 1) / OUT; // of output channels, per group
  let firstIn = id.z / tiles * uniforms.groupIn;
  let firstOut = id.z % tiles * OUT; // within the group
  let groupStart = id.z / tiles * uniforms.groupOut;
  let lastOut = uniforms.groupOut - 1;
  let area = uniforms.kernelHeight * uniforms.kernelWidth;
  let rowFloats = uniforms.inBlocks * uniforms.inChannels * 32;

  var weights: array<u32, OUT>; // of each output channel. Those past the last read the last one.
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    weights[o] = (groupStart + min(firstOut + o, lastOut)) * uniforms.groupIn * area;
  }
  var sum: array<vec4f, ROWS * OUT>;
  for (var ky: u32 = 0; ky < uniforms.kernelHeight; ky++) {
    var start: array<u32, ROWS>;
    var isRow: array<bool, ROWS>;
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      // Wraps to a large number above the image.
      let row = (topRow + r) * uniforms.strideY + ky * uniforms.dilationY - uniforms.top;
      isRow[r] = row < uniforms.inHeight;
      start[r] = (image * uniforms.inHeight + min(row, uniforms.inHeight - 1)) * rowFloats + firstIn * 32;
    }
    for (var kx: u32 = 0; kx < uniforms.kernelWidth; kx++) {
      let column = (vec4u(0, 1, 2, 3) + x4 * 4) * uniforms.strideX + kx * uniforms.dilationX - uniforms.left;
      let inside = column < vec4u(uniforms.inWidth);
      let near = min(column, vec4u(uniforms.inWidth - 1));
      var place = (near >> vec4u(5)) * uniforms.inChannels * 32 + (near & vec4u(31));
      var tap = ky * uniforms.kernelWidth + kx;
      for (var c: u32 = 0; c < uniforms.groupIn; c++) {
        var p: array<vec4f, ROWS>;
        for (var r: u32 = 0; r < ROWS; r++) { // unroll
          let at = place + start[r];
          p[r] = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside & vec4<bool>(isRow[r]));
        }
        for (var o: u32 = 0; o < OUT; o++) { // unroll
          let w = vec4f(weight[weights[o] + tap]);
          for (var r: u32 = 0; r < ROWS; r++) { // unroll
            sum[r * OUT + o] = fma(p[r], w, sum[r * OUT + o]);
          }
        }
        place += 32; // the next channel of the block
        tap += area;
      }
    }
  }

  // Pixels past the right edge are written as 0: the padding rule.
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.outWidth);
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      if (topRow + r < uniforms.outHeight && firstOut + o < uniforms.groupOut) {
        let channel = groupStart + firstOut + o;
        let value = max(vec4f(uniforms.least), sum[r * OUT + o] + select(0.0, bias[channel * uniforms.biases], uniforms.biases == 1));
        y[at(image * uniforms.outHeight + topRow + r, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = select(vec4f(), value, keep);
      }
    }
  }
}
