// 2D convolution of any kernel, stride and number of groups, with bias and activation, for adapters
// that load faster from textures and whose subgroups have 8 or 16 lanes:
//   y[n,o,i,j] = max(least, bias[o] + sum over c,ky,kx of weight[o,c,ky,kx]
//     * x[n,group*CG+c,i*strideY+ky*dilationY-top,j*STRIDE+kx-left]), group = o / OG
// x [N,CI,H,W] as a texture (textureSize in layout.ts); pixels outside x are 0. weight as a texture,
// as convolution-pack writes it. y [N,CO,OH,OW] in image order, as a buffer.
// Direct: one invocation computes 4 pixels x ROWS rows x OUT channels of one group in registers; an
// iteration of its inner loop takes TAP_ROWS rows of the kernel for DEPTH input channels: sums and
// pixels are then read less often. Each lane loads its share of the weights, and subgroupShuffle
// distributes them. The workgroup is one subgroup with all lanes active.
enable subgroups;
const KERNEL: u32 = 3; // columns of the kernel
const STRIDE: u32 = 2; // between columns
const STRIDE_Y: u32 = 2; // between rows
const TAP_ROWS: u32 = 3; // rows of the kernel per iteration, which divides KH; 1 if it is dilated
const LINE_STEP: u32 = 2; // lines from an output row to the next: STRIDE_Y, or 1 if TAP_ROWS is 1
const SHIFT: u32 = 3; // position of the first pixel needed in the groups read
const OUT: u32 = 16; // output channels per invocation, 8 or 16
const ROWS: u32 = 2; // output rows per invocation
const DEPTH: u32 = 1; // input channels per iteration, which divides CG
const LANES: u32 = 8; // invocations per workgroup, 8 or 16

const GROUPS: u32 = (SHIFT + 3 * STRIDE + KERNEL - 1) / 4 + 1; // groups of 4 pixels read per row
const TAPS: u32 = TAP_ROWS * KERNEL; // of an iteration
const LINES: u32 = (ROWS - 1) * LINE_STEP + TAP_ROWS; // rows of x per iteration
const WEIGHT_TEXELS: u32 = (TAPS * OUT + 4 * LANES - 1) / (4 * LANES); // per lane and channel
const BIAS_LOADS: u32 = (OUT + LANES - 1) / LANES; // elements of bias that a lane loads

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  inFold: u32, // binary logarithm of the rows side by side in the texture of x
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  groupIn: u32, // CG
  groupOut: u32, // OG
  kernelHeight: u32,
  dilationY: u32,
  top: u32, // rows of zeros above x
  leftGroups: u32, // groups of 4 pixels read to the left of the first
  biases: u32, // 1 if bias is added; else it is not read
  least: f32, // 0 for ReLU
}
@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var weight: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The texel of the group x4 of channel 0 in row `row` of x.
fn texel(row: u32, x4: u32) -> vec2u {
  let line = row * uniforms.inBlocks + (x4 >> 3);
  let side = line & ((1u << uniforms.inFold) - 1);
  return vec2u(side * uniforms.inChannels * 8 + (x4 & 7), line >> uniforms.inFold);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let outGroups = (uniforms.outWidth + 3) / 4;
  let bands = (uniforms.outHeight + ROWS - 1) / ROWS;
  let item = min((id.x + id.y * count.x) * LANES + lane, uniforms.batch * bands * outGroups - 1);
  let band = item / outGroups;
  let x4 = item - band * outGroups;
  let image = band / bands;
  let topRow = (band - image * bands) * ROWS;
  let tiles = (uniforms.groupOut + OUT - 1) / OUT; // of output channels, per group
  let group = id.z / tiles;
  let firstOut = id.z % tiles * OUT; // within the group
  let weightColumn = id.z * WEIGHT_TEXELS * LANES + lane;

  var sum: array<vec4f, ROWS * OUT>;
  for (var ky: u32 = 0; ky < uniforms.kernelHeight; ky += TAP_ROWS) {
    // Position of each group for the first channel, and whether it is inside x. Those outside read
    // a texel inside, since loads beyond the edge differ between adapters.
    var place: array<vec2u, LINES * GROUPS>;
    var inside: array<bool, LINES * GROUPS>;
    for (var l: u32 = 0; l < LINES; l++) { // unroll
      // Wraps to a large number above the image.
      let row = topRow * STRIDE_Y + l * (STRIDE_Y / LINE_STEP) + ky * uniforms.dilationY - uniforms.top;
      for (var g: u32 = 0; g < GROUPS; g++) { // unroll
        let column = x4 * STRIDE + g - uniforms.leftGroups;
        inside[l * GROUPS + g] = row < uniforms.inHeight && column < uniforms.inGroups;
        place[l * GROUPS + g] = texel(image * uniforms.inHeight + min(row, uniforms.inHeight - 1), min(column, uniforms.inGroups - 1));
        place[l * GROUPS + g].x += group * uniforms.groupIn * 8;
      }
    }
    for (var c: u32 = 0; c < uniforms.groupIn; c += DEPTH) {
      var k: array<vec4f, DEPTH * WEIGHT_TEXELS>;
      for (var d: u32 = 0; d < DEPTH; d++) { // unroll
        for (var j: u32 = 0; j < WEIGHT_TEXELS; j++) { // unroll
          k[d * WEIGHT_TEXELS + j] = textureLoad(weight, vec2u(weightColumn + j * LANES, ky / TAP_ROWS * uniforms.groupIn + c + d));
        }
      }
      var p: array<vec4f, DEPTH * LINES * GROUPS>;
      for (var d: u32 = 0; d < DEPTH; d++) { // unroll
        for (var i: u32 = 0; i < LINES * GROUPS; i++) { // unroll
          p[d * LINES * GROUPS + i] = select(vec4f(), textureLoad(x, vec2u(place[i].x + (c + d) * 8, place[i].y)), inside[i]);
        }
      }
      for (var o: u32 = 0; o < OUT; o++) { // unroll
        for (var d: u32 = 0; d < DEPTH; d++) { // unroll
          for (var t: u32 = 0; t < TAP_ROWS; t++) { // unroll
            for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
              // The float (t * KERNEL + kx) * OUT + o of this channel's weights.
              let w = vec4f(subgroupShuffle(k[d * WEIGHT_TEXELS + ((t * KERNEL + kx) * OUT + o) / (4 * LANES)][o % 4], ((t * KERNEL + kx) * OUT + o) / 4 % LANES));
              for (var r: u32 = 0; r < ROWS; r++) { // unroll
                let v = vec4f(
                  p[(d * LINES + r * LINE_STEP + t) * GROUPS + (SHIFT + kx) / 4][(SHIFT + kx) % 4],
                  p[(d * LINES + r * LINE_STEP + t) * GROUPS + (SHIFT + kx + STRIDE) / 4][(SHIFT + kx + STRIDE) % 4],
                  p[(d * LINES + r * LINE_STEP + t) * GROUPS + (SHIFT + kx + 2 * STRIDE) / 4][(SHIFT + kx + 2 * STRIDE) % 4],
                  p[(d * LINES + r * LINE_STEP + t) * GROUPS + (SHIFT + kx + 3 * STRIDE) / 4][(SHIFT + kx + 3 * STRIDE) % 4],
                );
                sum[r * OUT + o] = fma(v, w, sum[r * OUT + o]);
              }
            }
          }
        }
      }
    }
  }

  let firstChannel = group * uniforms.groupOut;
  var b: array<f32, BIAS_LOADS>;
  for (var j: u32 = 0; j < BIAS_LOADS; j++) { // unroll
    let channel = firstChannel + min(firstOut + j * LANES + lane, uniforms.groupOut - 1);
    b[j] = select(0.0, bias[channel * uniforms.biases], uniforms.biases == 1);
  }
  // Pixels past the right edge are written as 0: the padding rule.
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.outWidth);
  // Items, rows and channels past the end use the values of the last one and write them to its
  // place again: stores without branches compile several times faster on a software adapter.
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    let add = subgroupShuffle(b[o / LANES], o % LANES);
    let channel = firstChannel + min(firstOut + o, uniforms.groupOut - 1);
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      if (r > 0) { sum[r * OUT + o] = select(sum[(r + ROWS - 1) % ROWS * OUT + o], sum[r * OUT + o], topRow + r < uniforms.outHeight); }
      if (o > 0) { sum[r * OUT + o] = select(sum[r * OUT + (o + OUT - 1) % OUT], sum[r * OUT + o], firstOut + o < uniforms.groupOut); }
      let value = max(vec4f(uniforms.least), sum[r * OUT + o] + add);
      let row = image * uniforms.outHeight + min(topRow + r, uniforms.outHeight - 1);
      y[at(row, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = select(vec4f(), value, keep);
    }
  }
}
