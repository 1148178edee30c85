// Transposed 2D convolution of any kernel, stride and number of groups, with bias and activation,
// for adapters that load faster from textures and whose subgroups have 8 or 16 lanes:
//   y[n,o,u,v] = max(least, bias[o] + sum over c,ky,kx of weight[c,o%OG,ky,kx] * x[n,c,i,j]),
//   i = (u + top - ky*dilationY) / strideY, j = (v + LEFT - kx) / STRIDE
// over the channels c of the group o / OG, and the taps whose i and j are whole and inside x.
// x [N,CI,H,W] as a texture (textureSize in layout.ts). weight as a texture, as convolution-pack
// writes it. y [N,CO,OH,OW] in image order, as a buffer.
// One invocation computes 4 * STRIDE pixels x ROWS rows x OUT channels of one group in registers; the
// rows are strideY apart, so that they have the same taps. An iteration of its inner loop takes one
// row of the kernel for DEPTH input channels. Each lane loads its share of the weights, and
// subgroupShuffle distributes them. The workgroup is one subgroup with all lanes active.
enable subgroups;
const KERNEL: u32 = 4; // columns of the kernel
const STRIDE: u32 = 2; // between columns
const LEFT: u32 = 1; // columns that are cut from the result
const BACK: u32 = 1; // groups of 4 pixels read to the left of the invocation's own
const OUT: u32 = 16; // output channels per invocation, 8 or 16
const ROWS: u32 = 2; // output rows per invocation
const DEPTH: u32 = 2; // input channels per iteration, which divides CG
const LANES: u32 = 8; // invocations per workgroup, 8 or 16

const GROUPS: u32 = BACK + (LEFT + STRIDE - 1) / STRIDE / 4 + 2; // groups of 4 pixels read per row
const WEIGHT_TEXELS: u32 = (KERNEL * OUT + 4 * LANES - 1) / (4 * LANES); // per lane and channel
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
  groupIn: u32, // CG, channels of x per group
  groupOut: u32, // OG
  kernelHeight: u32,
  strideY: u32,
  dilationY: u32,
  top: u32, // rows that are cut from the result
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
  // Items: strips of 4 * STRIDE pixels, then bands of rows. A workgroup has one row phase.
  let outGroups = (uniforms.outWidth + 3) / 4;
  let strips = (outGroups + STRIDE - 1) / STRIDE;
  let bands = (uniforms.outHeight + ROWS * uniforms.strideY - 1) / (ROWS * uniforms.strideY);
  let items = uniforms.batch * bands * strips;
  let phase = id.z % uniforms.strideY;
  let tile = id.z / uniforms.strideY;
  let item = min((id.x + id.y * count.x) * LANES + lane, items - 1);
  let strip = item % strips;
  let allBands = item / strips;
  let image = allBands / bands;
  let firstRow = allBands % bands * ROWS * uniforms.strideY + phase;
  let tiles = (uniforms.groupOut + OUT - 1) / OUT; // of output channels, per group
  let group = tile / tiles;
  let firstOut = tile % tiles * OUT; // within the group
  let weightColumn = tile * WEIGHT_TEXELS * LANES + lane;

  var sum: array<vec4f, STRIDE * ROWS * OUT>; // [column phase][row][channel]
  for (var ky: u32 = 0; ky < uniforms.kernelHeight; ky++) {
    if ((i32(phase + uniforms.top) - i32(ky * uniforms.dilationY)) % i32(uniforms.strideY) != 0) { continue; }
    let down = i32(firstRow + uniforms.top) - i32(ky * uniforms.dilationY);
    var place: array<vec2u, ROWS * GROUPS>;
    var inside: array<bool, ROWS * GROUPS>;
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      let row = u32(down / i32(uniforms.strideY)) + r; // a large number above the image
      for (var g: u32 = 0; g < GROUPS; g++) { // unroll
        let column = strip + g - BACK;
        inside[r * GROUPS + g] = row < uniforms.inHeight && column < uniforms.inGroups;
        place[r * GROUPS + g] = texel(image * uniforms.inHeight + min(row, uniforms.inHeight - 1), min(column, uniforms.inGroups - 1));
        place[r * GROUPS + g].x += group * uniforms.groupIn * 8;
      }
    }
    for (var c: u32 = 0; c < uniforms.groupIn; c += DEPTH) {
      var k: array<vec4f, DEPTH * WEIGHT_TEXELS>;
      for (var d: u32 = 0; d < DEPTH; d++) { // unroll
        for (var j: u32 = 0; j < WEIGHT_TEXELS; j++) { // unroll
          k[d * WEIGHT_TEXELS + j] = textureLoad(weight, vec2u(weightColumn + j * LANES, ky * uniforms.groupIn + c + d));
        }
      }
      var p: array<vec4f, DEPTH * ROWS * GROUPS>;
      for (var d: u32 = 0; d < DEPTH; d++) { // unroll
        for (var i: u32 = 0; i < ROWS * GROUPS; i++) { // unroll
          p[d * ROWS * GROUPS + i] = select(vec4f(), textureLoad(x, vec2u(place[i].x + (c + d) * 8, place[i].y)), inside[i]);
        }
      }
      for (var o: u32 = 0; o < OUT; o++) { // unroll
        for (var d: u32 = 0; d < DEPTH; d++) { // unroll
          for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
            // The float kx * OUT + o of this channel's weights.
            let w = vec4f(subgroupShuffle(k[d * WEIGHT_TEXELS + (kx * OUT + o) / (4 * LANES)][o % 4], (kx * OUT + o) / 4 % LANES));
            // The column phase that has the tap, and its first pixel in the groups read.
            let column = (kx + STRIDE * (LEFT + 1) - LEFT) % STRIDE;
            let first = BACK * 4 + (column + LEFT + STRIDE * KERNEL - kx) / STRIDE - KERNEL;
            for (var r: u32 = 0; r < ROWS; r++) { // unroll
              let v = vec4f(
                p[(d * ROWS + r) * GROUPS + first / 4][first % 4],
                p[(d * ROWS + r) * GROUPS + (first + 1) / 4][(first + 1) % 4],
                p[(d * ROWS + r) * GROUPS + (first + 2) / 4][(first + 2) % 4],
                p[(d * ROWS + r) * GROUPS + (first + 3) / 4][(first + 3) % 4],
              );
              sum[(column * ROWS + r) * OUT + o] = fma(v, w, sum[(column * ROWS + r) * OUT + o]);
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
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    let add = subgroupShuffle(b[o / LANES], o % LANES);
    let channel = firstChannel + firstOut + o;
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      let row = firstRow + r * uniforms.strideY;
      for (var h: u32 = 0; h < STRIDE; h++) { // unroll
        let x4 = strip * STRIDE + h;
        if (row < uniforms.outHeight && x4 < outGroups && firstOut + o < uniforms.groupOut) {
          // Pixel i of the group is number h * 4 + i of the strip.
          let sums = vec4f(
            sum[((h * 4) % STRIDE * ROWS + r) * OUT + o][(h * 4) / STRIDE],
            sum[((h * 4 + 1) % STRIDE * ROWS + r) * OUT + o][(h * 4 + 1) / STRIDE],
            sum[((h * 4 + 2) % STRIDE * ROWS + r) * OUT + o][(h * 4 + 2) / STRIDE],
            sum[((h * 4 + 3) % STRIDE * ROWS + r) * OUT + o][(h * 4 + 3) / STRIDE],
          );
          // Pixels past the right edge are written as 0: the padding rule.
          let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.outWidth);
          y[at(image * uniforms.outHeight + row, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = select(vec4f(), max(vec4f(uniforms.least), sums + add), keep);
        }
      }
    }
  }
}
