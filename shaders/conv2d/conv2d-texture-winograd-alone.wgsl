// 2D convolution 3x3, stride 1, with bias, activation and mask, by one-dimensional Winograd
// F(4,3) (Lavin and Gray 2016) along the rows, for adapters that read textures and have no subgroups
// of 8 lanes:
//   y[n,o,i,j] = act(bias[o] + sum over c,ky,kx of weight[o,c,ky,kx] * x[n,c,i+ky-BORDER,j+kx-BORDER])
// x as a texture that holds one image tensor or two, one below the other, whose channels follow
// each other; each is cropped to the rows and columns that y needs. Pixels outside x are 0; a crop
// needs BORDER 0. weight as a texture, in pairs of output channels: row c holds PAIR_TEXELS for each,
// [2][9] weights and a rest (conv2d-pack-lanes). Or, AS_IT_STANDS, weight' [CI,.,3,3] of which
// weight[o,c,ky,kx] is weight'[c,first+o,2-ky,2-kx]: the input gradient of the convolution with
// weight'. CO is then a multiple of 16.
// y [N,CO,OH,OW] in image order, as a buffer; mask has its shape, as a texture.
// The transforms are those of conv2d-texture-winograd. One invocation computes 4 pixels x ROWS rows x
// OUT channels in registers; an iteration of its loop reads one input channel. Each invocation
// loads and transforms all weights of an iteration, pair by pair, which are the same for a whole
// workgroup: more rows and fewer channels than there keep them few.
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
alias MaskTexels = texture_storage_2d<rgba32float, read>; // rgba16float if mask is f16
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full
const ROWS: u32 = 4; // output rows per invocation
const OUT: u32 = 8; // output channels per invocation, even
const LANES: u32 = 8; // invocations per workgroup
const BIAS: bool = true; // whether bias is added; without, the binding is not read
const RELU: bool = false; // activation: max(0, .) or none
const AS_IT_STANDS: bool = false; // whether the weight is unpacked, for an input gradient
const MASK: bool = false; // whether y may be 0 where mask is not above 0; without, mask is not read

const NEAR: f32 = 0.70710678; // the transforms' points are 0, +-NEAR, +-FAR and infinity: as
const FAR: f32 = 1.41421356; // exact as the direct method, while 0, +-1, +-2 lose a third of a bit
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the output's group
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 9) / 4; // groups of 4 pixels read per row
const HEIGHT: u32 = ROWS + 2; // rows read
const PAIRS: u32 = OUT / 2; // pairs of output channels
const PAIR_TEXELS: u32 = 5; // texels that hold the weights of a pair for one input channel

// shared 1 of conv2d-texture-winograd
struct Uniforms {
  batch: u32,
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  weightFold: u32, // binary logarithm of the rows of the weight side by side
  weightTexels: u32, // of a row
  firstTexel: u32, // AS_IT_STANDS: position of the first output channel in a row
  masks: u32, // 1 if MASK and y is masked, else 0
  maskFold: u32,
  parts: u32, // tensors in the texture of x, 1 or 2; of each follow sizes, place and crop:
  channels0: u32,
  height0: u32,
  blocks0: u32, // blocks of 32 pixels per row
  groups0: u32, // groups of 4 pixels per row
  fold0: u32, // binary logarithm of the rows of blocks side by side
  origin0: u32, // its first row of texels
  top0: u32, // rows of pixels above the crop
  left0: u32, // in groups of 4 pixels
  channels1: u32,
  height1: u32,
  blocks1: u32,
  groups1: u32,
  fold1: u32,
  origin1: u32,
  top1: u32,
  left1: u32,
}
@group(0) @binding(0) var x: XTexels;
@group(0) @binding(1) var weight: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var mask: MaskTexels;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
// end
@group(0) @binding(5) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The texel of the same group, if 2^fold rows of blocks are side by side.
fn texel(row: u32, x4: u32, c: u32, blocks: u32, channels: u32, fold: u32) -> vec2u {
  let line = row * blocks + (x4 >> 3);
  let side = line & ((1u << fold) - 1);
  return vec2u((side * channels + c) * 8 + (x4 & 7), line >> fold);
// shared 2 of conv2d-texture-winograd
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
  // end
  let firstPair = id.z * PAIRS;

  // shared 3 of conv2d-texture-winograd
  var sum: array<f32, ROWS * OUT * 6>;
  var weightRow = 0u;
  for (var part: u32 = 0; part < uniforms.parts; part++) {
    let second = part == 1;
    let channels = select(uniforms.channels0, uniforms.channels1, second);
    let height = select(uniforms.height0, uniforms.height1, second);
    let blocks = select(uniforms.blocks0, uniforms.blocks1, second);
    let groups = select(uniforms.groups0, uniforms.groups1, second);
    let fold = select(uniforms.fold0, uniforms.fold1, second);
    let origin = select(uniforms.origin0, uniforms.origin1, second);
    let cropTop = select(uniforms.top0, uniforms.top1, second);
    let cropLeft = select(uniforms.left0, uniforms.left1, second);
    // Position of each group for channel 0, and whether it is inside x. Those outside read a
    // texel inside, since loads beyond the edge differ between adapters. With a border of 0,
    // these values affect no pixel that is kept.
    var place: array<vec2u, HEIGHT * GROUPS>;
    var inside: array<bool, HEIGHT * GROUPS>;
    for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
      for (var g: u32 = 0; g < GROUPS; g++) { // unroll
        let row = top + r + cropTop - BORDER; // wraps to a large number above the image
        let group = x4 + g + cropLeft - LEFT;
        inside[r * GROUPS + g] = row < height && group < groups;
        let near = texel(image * height + min(row, height - 1), min(group, groups - 1), 0, blocks, channels, fold);
        place[r * GROUPS + g] = near + vec2u(0, origin);
      }
    }
    for (var c: u32 = 0; c < channels; c++) {
    // end
      let row = weightRow + c;
      let line = row >> uniforms.weightFold;
      let column = (row & ((1u << uniforms.weightFold) - 1)) * uniforms.weightTexels;
      // shared 4 of conv2d-texture-winograd
      var p: array<vec4f, HEIGHT * GROUPS>;
      for (var i: u32 = 0; i < HEIGHT * GROUPS; i++) { // unroll
        p[i] = textureLoad(x, vec2u(place[i].x + c * 8, place[i].y));
        if (BORDER > 0) { p[i] = select(vec4f(), p[i], inside[i]); }
      }
      // The six pixels d of a row that its four outputs see, transformed.
      var v: array<f32, HEIGHT * 6>;
      for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
        let d0 = p[r * GROUPS + SHIFT / 4][SHIFT % 4];
        let d1 = p[r * GROUPS + (SHIFT + 1) / 4][(SHIFT + 1) % 4];
        let d2 = p[r * GROUPS + (SHIFT + 2) / 4][(SHIFT + 2) % 4];
        let d3 = p[r * GROUPS + (SHIFT + 3) / 4][(SHIFT + 3) % 4];
        let d4 = p[r * GROUPS + (SHIFT + 4) / 4][(SHIFT + 4) % 4];
        let d5 = p[r * GROUPS + (SHIFT + 5) / 4][(SHIFT + 5) % 4];
        let even = fma(-2.0, d2, d4);
        let odd = fma(-2.0, d1, d3);
        let evenFar = fma(-0.5, d2, d4);
        let oddFar = fma(-0.5, d1, d3);
        v[r * 6] = fma(-2.5, d2, d0 + d4);
        v[r * 6 + 1] = fma(NEAR, odd, even);
        v[r * 6 + 2] = fma(-NEAR, odd, even);
        v[r * 6 + 3] = fma(FAR, oddFar, evenFar);
        v[r * 6 + 4] = fma(-FAR, oddFar, evenFar);
        v[r * 6 + 5] = fma(-2.5, d3, d1 + d5);
      }
      // end
      for (var pair: u32 = 0; pair < PAIRS; pair++) { // unroll
        // Without repacking, the 18 weights of an odd pair begin in the middle of a texel.
        let isOdd = ((firstPair + pair) & 1) == 1;
        let texels = select((firstPair + pair) * PAIR_TEXELS, uniforms.firstTexel + (firstPair + pair) * 9 / 2, AS_IT_STANDS);
        var k: array<vec4f, PAIR_TEXELS>;
        for (var j: u32 = 0; j < PAIR_TEXELS; j++) { // unroll
          k[j] = textureLoad(weight, vec2u(column + texels + j, line));
        }
        var w: array<f32, 18>; // [2][9]
        for (var h: u32 = 0; h < 2; h++) { // unroll
          for (var tap: u32 = 0; tap < 9; tap++) { // unroll
            if (AS_IT_STANDS) {
              w[h * 9 + 8 - tap] = select(k[(h * 9 + tap) / 4][(h * 9 + tap) % 4], k[(h * 9 + tap + 2) / 4][(h * 9 + tap + 2) % 4], isOdd);
            } else {
              w[h * 9 + tap] = k[(h * 9 + tap) / 4][(h * 9 + tap) % 4];
            }
          }
        }
        for (var h: u32 = 0; h < 2; h++) { // unroll
          for (var ky: u32 = 0; ky < 3; ky++) { // unroll
            let a = w[h * 9 + ky * 3];
            let b = w[h * 9 + ky * 3 + 1];
            let c = w[h * 9 + ky * 3 + 2];
            let even = fma(0.5, c, a);
            let evenFar = fma(2.0, c, a);
            var f: array<f32, 6>;
            f[0] = a;
            f[1] = fma(NEAR, b, even);
            f[2] = fma(-NEAR, b, even);
            f[3] = fma(FAR, b, evenFar);
            f[4] = fma(-FAR, b, evenFar);
            f[5] = c;
            for (var m: u32 = 0; m < 6; m++) { // unroll
              for (var r: u32 = 0; r < ROWS; r++) { // unroll
                sum[(r * OUT + pair * 2 + h) * 6 + m] = fma(v[(r + ky) * 6 + m], f[m], sum[(r * OUT + pair * 2 + h) * 6 + m]);
              }
            }
          }
        }
      }
    }
    weightRow += channels;
  }

  // Pixels past the right edge are written as 0: the padding rule.
  let column = vec4u(0, 1, 2, 3) + x4 * 4;
  let keep = column < vec4u(uniforms.outWidth);
  // Items, rows and channels past the end use the values of the last one and write them to its
  // place again: stores without branches compile several times faster on a software adapter.
  var last: array<vec4f, ROWS>; // of the channel before
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    let channel = min(firstOut + o, uniforms.outChannels - 1);
    var add = 0.0;
    if (BIAS) { add = bias[channel]; }
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      let m0 = sum[(r * OUT + o) * 6];
      let s12 = (sum[(r * OUT + o) * 6 + 1] + sum[(r * OUT + o) * 6 + 2]) * (-2.0 / 3.0);
      let d12 = (sum[(r * OUT + o) * 6 + 1] - sum[(r * OUT + o) * 6 + 2]) * (-2.0 / 3.0 * NEAR);
      let s34 = (sum[(r * OUT + o) * 6 + 3] + sum[(r * OUT + o) * 6 + 4]) * (1.0 / 6.0);
      let d34 = (sum[(r * OUT + o) * 6 + 3] - sum[(r * OUT + o) * 6 + 4]) * (1.0 / 6.0 * FAR);
      let m5 = sum[(r * OUT + o) * 6 + 5];
      var value = vec4f(m0 + s12 + s34, d12 + d34, fma(2.0, s34, 0.5 * s12), fma(2.0, d34, 0.5 * d12) + m5) + add;
      if (RELU) { value = max(value, vec4f()); }
      let row = image * uniforms.outHeight + min(top + r, uniforms.outHeight - 1);
      if (MASK && uniforms.masks == 1) {
        let positive = textureLoad(mask, texel(row, x4, channel, uniforms.outBlocks, uniforms.outChannels, uniforms.maskFold));
        value = select(vec4f(), value, positive > vec4f());
      }
      value = select(vec4f(), value, keep);
      if (r > 0) { value = select(last[(r + ROWS - 1) % ROWS], value, top + r < uniforms.outHeight); }
      if (o > 0) { value = select(last[r], value, firstOut + o < uniforms.outChannels); }
      last[r] = value;
      y[at(row, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = value;
    }
  }
}
