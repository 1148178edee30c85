// Transposed 2D convolution of any kernel, stride, dilation and number of groups, with bias and
// activation; also the input gradient of `convolution`:
//   y[n,o,u,v] = max(least, bias[o] + sum over c,ky,kx of weight[c,o%OG,ky,kx] * x[n,c,i,j]),
//   i = (u + top - ky*dilationY) / strideY, j = (v + left - kx*dilationX) / strideX
// over the channels c of the group o / OG, and the taps whose i and j are whole and inside x.
// x [N,CI,H,W] and y [N,CO,OH,OW] in image order. weight [CI,OG,KH,KW] dense.
// One invocation computes 4 pixels x ROWS rows x OUT channels of one group. The pixels are strideX
// apart, and the rows strideY, so that all of them have the same taps.
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
  groupIn: u32, // channels of x per group
  groupOut: u32, // OG
  kernelHeight: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  dilationY: u32,
  dilationX: u32,
  top: u32, // rows and columns that are cut from the result
  left: u32,
  biases: u32, // 1 if bias is added; else it is not read
  least: f32, // 0 for ReLU
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  // Items: quads of pixels, then column phases, then row phases, then bands of rows.
  let paddedWidth = (uniforms.outWidth + 3) / 4 * 4;
  let quads = (paddedWidth + 4 * uniforms.strideX - 1) / (4 * uniforms.strideX);
  let bands = (uniforms.outHeight + ROWS * uniforms.strideY - 1) / (ROWS * uniforms.strideY);
  let item = (id.x + id.y * count.x) * LANES + lane;
  let phases = item / quads;
  let bandPhases = phases / uniforms.strideX;
  let allBands = bandPhases / uniforms.strideY;
  let image = allBands / bands;
  if (image >= uniforms.batch) { return; }
  let firstColumn = item % quads * 4 * uniforms.strideX + phases % uniforms.strideX;
  let firstRow = allBands % bands * ROWS * uniforms.strideY + bandPhases % uniforms.strideY;
  let tiles = (uniforms.groupOut + OUT - 1) / OUT; // of output channels, per group
  let firstIn = id.z / tiles * uniforms.groupIn;
  let firstOut = id.z % tiles * OUT; // within the group
  let lastOut = uniforms.groupOut - 1;
  let area = uniforms.kernelHeight * uniforms.kernelWidth;
  let rowFloats = uniforms.inBlocks * uniforms.inChannels * 32;

  var weights: array<u32, OUT>; // of each output channel. Those past the last read the last one.
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    weights[o] = (firstIn * uniforms.groupOut + min(firstOut + o, lastOut)) * area;
  }
  var sum: array<vec4f, ROWS * OUT>;
  for (var ky: u32 = 0; ky < uniforms.kernelHeight; ky++) {
    let down = i32(firstRow + uniforms.top) - i32(ky * uniforms.dilationY);
    if (down % i32(uniforms.strideY) != 0) { continue; }
    var start: array<u32, ROWS>;
    var isRow: array<bool, ROWS>;
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      let row = u32(down / i32(uniforms.strideY)) + r; // a large number above the image
      isRow[r] = row < uniforms.inHeight;
      start[r] = (image * uniforms.inHeight + min(row, uniforms.inHeight - 1)) * rowFloats + firstIn * 32;
    }
    for (var kx: u32 = 0; kx < uniforms.kernelWidth; kx++) {
      let along = i32(firstColumn + uniforms.left) - i32(kx * uniforms.dilationX);
      if (along % i32(uniforms.strideX) != 0) { continue; }
      let column = vec4u(0, 1, 2, 3) + u32(along / i32(uniforms.strideX));
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
        tap += uniforms.groupOut * area;
      }
    }
  }

  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    let row = firstRow + r * uniforms.strideY;
    let line = (image * uniforms.outHeight + row) * uniforms.outBlocks;
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      if (row < uniforms.outHeight && firstOut + o < uniforms.groupOut) {
        let channel = id.z / tiles * uniforms.groupOut + firstOut + o;
        let value = max(vec4f(uniforms.least), sum[r * OUT + o] + select(0.0, bias[channel * uniforms.biases], uniforms.biases == 1));
        for (var k: u32 = 0; k < 4; k++) { // unroll
          let column = firstColumn + k * uniforms.strideX;
          if (column < paddedWidth) {
            // Pixels past the right edge are written as 0: the padding rule.
            y[((line + (column >> 5)) * uniforms.outChannels + channel) * 32 + (column & 31)] = select(0.0, value[k], column < uniforms.outWidth);
          }
        }
      }
    }
  }
}
