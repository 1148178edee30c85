// 2D convolution 3x3, stride 1, with bias and activation, for adapters that load faster from
// textures and whose subgroups have 8 or 16 lanes:
//   y[n,o,i,j] = act(bias[o] + sum over c,ky,kx of weight[o,c,ky,kx] * x[n,c,i+ky-BORDER,j+kx-BORDER])
// x [N,CI,H,W] as a texture (textureSize in layout.ts); pixels outside x are 0. weight as a texture:
// row c holds [CO / OUT][WEIGHT_TEXELS * LANES texels], of which the first are [tap][OUT].
// y [N,CO,OH,OW] in image order, as a buffer.
// Direct: one invocation computes 4 pixels x ROWS rows x OUT channels in registers; an iteration of
// its loop reads one input channel. Each lane loads its share of an iteration's weights, and
// subgroupShuffle distributes them. The workgroup is one subgroup with all lanes active.
enable subgroups;
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full
const OUT: u32 = 16; // output channels per invocation, 8 or 16
const BIAS: bool = true; // whether bias is added; without, the binding is not read
const RELU: bool = false; // activation: max(0, .) or none

const ROWS: u32 = 2; // output rows per invocation
const LANES: u32 = 8; // invocations per workgroup, 8 or 16
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the output's group
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 9) / 4; // groups of 4 pixels read per row
const HEIGHT: u32 = ROWS + 2; // rows read
const WEIGHT_TEXELS: u32 = (9 * OUT + 4 * LANES - 1) / (4 * LANES); // weight texels per lane and iteration
const BIAS_LOADS: u32 = (OUT + LANES - 1) / LANES; // elements of bias that a lane loads

// shared 1
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
}
@group(0) @binding(0) var x: XTexels;
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
  let items = uniforms.batch * bands * outGroups;
  let item = (id.x + id.y * count.x) * LANES + lane;
  let index = min(item, items - 1);
  let band = index / outGroups;
  let x4 = index - band * outGroups;
  let image = band / bands;
  let top = (band - image * bands) * ROWS;
  let firstOut = id.z * OUT;

  // Position of each group for channel 0, and whether it is inside x. Those outside read a
  // texel inside, since loads beyond the edge differ between adapters. With a border of 0,
  // these values affect no pixel that is kept.
  var place: array<vec2u, HEIGHT * GROUPS>;
  var inside: array<bool, HEIGHT * GROUPS>;
  for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
    for (var g: u32 = 0; g < GROUPS; g++) { // unroll
      let row = top + r - BORDER; // wraps to a large number above the image
      let group = x4 + g - LEFT;
      inside[r * GROUPS + g] = row < uniforms.inHeight && group < uniforms.inGroups;
      place[r * GROUPS + g] = texel(image * uniforms.inHeight + min(row, uniforms.inHeight - 1), min(group, uniforms.inGroups - 1));
    }
  }
  var sum: array<vec4f, ROWS * OUT>;
  // end
  let weightColumn = id.z * WEIGHT_TEXELS * LANES + lane;
  for (var c: u32 = 0; c < uniforms.inChannels; c++) {
    var k: array<vec4f, WEIGHT_TEXELS>;
    for (var j: u32 = 0; j < WEIGHT_TEXELS; j++) { // unroll
      k[j] = textureLoad(weight, vec2u(weightColumn + j * LANES, c));
    }
    var p: array<vec4f, HEIGHT * GROUPS>;
    for (var i: u32 = 0; i < HEIGHT * GROUPS; i++) { // unroll
      p[i] = textureLoad(x, vec2u(place[i].x + c * 8, place[i].y));
      if (BORDER > 0) { p[i] = select(vec4f(), p[i], inside[i]); }
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      for (var ky: u32 = 0; ky < 3; ky++) { // unroll
        for (var kx: u32 = 0; kx < 3; kx++) { // unroll
          // The float tap * OUT + o of this iteration's weights.
          let w = vec4f(subgroupShuffle(k[((ky * 3 + kx) * OUT + o) / (4 * LANES)][o % 4], ((ky * 3 + kx) * OUT + o) / 4 % LANES));
          for (var r: u32 = 0; r < ROWS; r++) { // unroll
            let v = vec4f(
              p[(r + ky) * GROUPS + (SHIFT + kx) / 4][(SHIFT + kx) % 4],
              p[(r + ky) * GROUPS + (SHIFT + kx + 1) / 4][(SHIFT + kx + 1) % 4],
              p[(r + ky) * GROUPS + (SHIFT + kx + 2) / 4][(SHIFT + kx + 2) % 4],
              p[(r + ky) * GROUPS + (SHIFT + kx + 3) / 4][(SHIFT + kx + 3) % 4],
            );
            sum[r * OUT + o] = fma(v, w, sum[r * OUT + o]);
          }
        }
      }
    }
  }

  var b: array<f32, BIAS_LOADS>;
  if (BIAS) {
    for (var j: u32 = 0; j < BIAS_LOADS; j++) { // unroll
      b[j] = bias[min(firstOut + j * LANES + lane, uniforms.outChannels - 1)];
    }
  }
  // Pixels past the right edge are written as 0: the padding rule.
  let column = vec4u(0, 1, 2, 3) + x4 * 4;
  let keep = column < vec4u(uniforms.outWidth);
  // Items, rows and channels past the end use the values of the last one and write them to its
  // place again: stores without branches compile several times faster on a software adapter.
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    let add = select(0.0, subgroupShuffle(b[o / LANES], o % LANES), BIAS);
    let channel = min(firstOut + o, uniforms.outChannels - 1);
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      if (r > 0) { sum[r * OUT + o] = select(sum[(r + ROWS - 1) % ROWS * OUT + o], sum[r * OUT + o], top + r < uniforms.outHeight); }
      if (o > 0) { sum[r * OUT + o] = select(sum[r * OUT + (o + OUT - 1) % OUT], sum[r * OUT + o], firstOut + o < uniforms.outChannels); }
      var value = sum[r * OUT + o] + add;
      if (RELU) { value = max(value, vec4f()); }
      let row = image * uniforms.outHeight + min(top + r, uniforms.outHeight - 1);
      y[at(row, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = select(vec4f(), value, keep);
    }
  }
}
