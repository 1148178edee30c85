// 2D convolution 3x3, stride 1, with bias, activation and mask, by one-dimensional Winograd
// F(4,3) (Lavin and Gray 2016) along the rows, for adapters that load faster from textures and
// whose subgroups have 8 or 16 lanes:
//   y[n,o,i,j] = act(bias[o] + sum over c,ky,kx of weight[o,c,ky,kx] * x[n,c,i+ky-BORDER,j+kx-BORDER])
// x as a texture that holds one image tensor or two, one below the other, whose channels follow
// each other; each is cropped to the rows and columns that y needs. Pixels outside x are 0; a crop
// needs BORDER 0. weight as a texture: row c holds, for each block of OUT output channels, what its
// lanes load, WEIGHT_TEXELS each (conv2d-pack-lanes). Or, AS_IT_STANDS, weight' [CI,.,3,3] of which
// weight[o,c,ky,kx] is weight'[c,first+o,2-ky,2-kx]: the input gradient of the convolution with
// weight'. CO is then a multiple of OUT, which is 16.
// y [N,CO,OH,OW] in image order, as a buffer; mask has its shape, as a texture. With POOL also
// pooled[n,o,i,j] = max of y[n,o,2i..2i+1,2j..2j+1] [N,CO,OH/2,OW/2], where OH is even, and OW even and
// in an even number of groups of four pixels.
// Four outputs of a row need 6 products per row of the kernel instead of 12: the six pixels that
// they see are transformed, multiplied with the transformed weights and summed over channels and
// rows of the kernel; the sums are transformed back at the end. The constants of the weights'
// transform, -2/3 and 1/6, are applied then. One invocation computes 4 pixels x ROWS rows x OUT
// channels in registers; an iteration of its loop reads one input channel. Each lane loads and
// transforms its share of an iteration's weights, and subgroupShuffle distributes them; form by
// form, so that the pixels' stay in registers. The workgroup is one subgroup with all lanes active.
enable subgroups;
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
alias MaskTexels = texture_storage_2d<rgba32float, read>; // rgba16float if mask is f16
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full
const OUT: u32 = 16; // output channels per invocation, 8 or 16
const BIAS: bool = true; // whether bias is added; without, the binding is not read
const RELU: bool = false; // activation: max(0, .) or none
const AS_IT_STANDS: bool = false; // whether the weight is unpacked, for an input gradient
const MASK: bool = false; // whether y may be 0 where mask is not above 0; without, mask is not read
const POOL: bool = false; // whether pooled is written

const ROWS: u32 = 2; // output rows per invocation, even
const LANES: u32 = 8; // invocations per workgroup, 8 or 16
const NEAR: f32 = 0.70710678; // the transforms' points are 0, +-NEAR, +-FAR and infinity: as
const FAR: f32 = 1.41421356; // exact as the direct method, while 0, +-1, +-2 lose a third of a bit
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the output's group
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 9) / 4; // groups of 4 pixels read per row
const HEIGHT: u32 = ROWS + 2; // rows read
const PER_LANE: u32 = (OUT + LANES - 1) / LANES; // output channels whose weights a lane loads
const LOADERS: u32 = OUT / PER_LANE; // lanes whose weights differ; more load the same again
const WEIGHT_TEXELS: u32 = (9 * PER_LANE + 3) / 4; // weight texels per lane and iteration
const BIAS_LOADS: u32 = (OUT + LANES - 1) / LANES; // elements of bias that a lane loads

// shared 1
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
@group(0) @binding(5) var<storage, read_write> pooled: array<vec2f>;
@group(0) @binding(6) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The texel of the same group, if 2^fold rows of blocks are side by side.
fn texel(row: u32, x4: u32, c: u32, blocks: u32, channels: u32, fold: u32) -> vec2u {
  let line = row * blocks + (x4 >> 3);
  let side = line & ((1u << fold) - 1);
  return vec2u((side * channels + c) * 8 + (x4 & 7), line >> fold);
}

// That of four values which belongs to a quarter.
fn pick(quarter: u32, a: f32, b: f32, c: f32, d: f32) -> f32 {
  return select(select(a, b, quarter == 1), select(c, d, quarter == 3), quarter > 1);
// shared 2
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
  // Without repacking, a lane's weights can begin anywhere in a texel.
  let loader = lane % LOADERS;
  let weightColumn = select((id.z * LOADERS + loader) * WEIGHT_TEXELS, uniforms.firstTexel + id.z * (OUT * 9 / 4) + loader * PER_LANE * 9 / 4, AS_IT_STANDS);
  let isFar = ((loader * PER_LANE) & 2) == 2;
  let isOdd = (loader & 1) == 1;

  // shared 3
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
      var k: array<vec4f, WEIGHT_TEXELS>;
      let row = weightRow + c;
      let side = row & ((1u << uniforms.weightFold) - 1);
      for (var j: u32 = 0; j < WEIGHT_TEXELS; j++) { // unroll
        k[j] = textureLoad(weight, vec2u(side * uniforms.weightTexels + weightColumn + j, row >> uniforms.weightFold));
      }
      // shared 4
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
      // The lane's own weights, [PER_LANE][9], and transformed, [PER_LANE][6 forms][3 rows].
      var w: array<f32, PER_LANE * 9>;
      for (var h: u32 = 0; h < PER_LANE; h++) { // unroll
        for (var tap: u32 = 0; tap < 9; tap++) { // unroll
          let i = h * 9 + tap;
          if (AS_IT_STANDS) {
            var near = k[i / 4][i % 4];
            var far = k[(i + 2) / 4][(i + 2) % 4];
            if (PER_LANE == 1) {
              near = select(near, k[min((i + 1) / 4, WEIGHT_TEXELS - 1)][(i + 1) % 4], isOdd);
              far = select(far, k[min((i + 3) / 4, WEIGHT_TEXELS - 1)][(i + 3) % 4], isOdd);
            }
            w[h * 9 + 8 - tap] = select(near, far, isFar);
          } else {
            w[i] = k[i / 4][i % 4];
          }
        }
      }
      var f: array<f32, PER_LANE * 18>;
      for (var h: u32 = 0; h < PER_LANE; h++) { // unroll
        for (var ky: u32 = 0; ky < 3; ky++) { // unroll
          let a = w[h * 9 + ky * 3];
          let b = w[h * 9 + ky * 3 + 1];
          let c = w[h * 9 + ky * 3 + 2];
          let even = fma(0.5, c, a);
          let evenFar = fma(2.0, c, a);
          f[h * 18 + ky] = a;
          f[h * 18 + 3 + ky] = fma(NEAR, b, even);
          f[h * 18 + 6 + ky] = fma(-NEAR, b, even);
          f[h * 18 + 9 + ky] = fma(FAR, b, evenFar);
          f[h * 18 + 12 + ky] = fma(-FAR, b, evenFar);
          f[h * 18 + 15 + ky] = c;
        }
      }
      for (var m: u32 = 0; m < 6; m++) { // unroll
        for (var o: u32 = 0; o < OUT; o++) { // unroll
          let w0 = subgroupShuffle(f[o % PER_LANE * 18 + m * 3], o / PER_LANE);
          let w1 = subgroupShuffle(f[o % PER_LANE * 18 + m * 3 + 1], o / PER_LANE);
          let w2 = subgroupShuffle(f[o % PER_LANE * 18 + m * 3 + 2], o / PER_LANE);
          for (var r: u32 = 0; r < ROWS; r++) { // unroll
            sum[(r * OUT + o) * 6 + m] = fma(v[(r + 2) * 6 + m], w2, fma(v[(r + 1) * 6 + m], w1, fma(v[r * 6 + m], w0, sum[(r * OUT + o) * 6 + m])));
          }
        }
      }
    }
    weightRow += channels;
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
  // Each store is many branches, one per lane and component: a loop writes a quarter of the channels.
  var last: array<vec4f, ROWS>; // of the channel before
  for (var quarter: u32 = 0; quarter < 4; quarter++) {
    for (var i: u32 = 0; i < OUT / 4; i++) { // unroll
      let o = quarter * (OUT / 4) + i;
      var add = 0.0;
      if (BIAS) { add = pick(quarter, subgroupShuffle(b[(i) / LANES], (i) % LANES), subgroupShuffle(b[(OUT / 4 + i) / LANES], (OUT / 4 + i) % LANES), subgroupShuffle(b[(OUT / 2 + i) / LANES], (OUT / 2 + i) % LANES), subgroupShuffle(b[(OUT * 3 / 4 + i) / LANES], (OUT * 3 / 4 + i) % LANES)); }
      let channel = min(firstOut + o, uniforms.outChannels - 1);
      for (var r: u32 = 0; r < ROWS; r++) { // unroll
        var m: array<f32, 6>;
        for (var j: u32 = 0; j < 6; j++) { // unroll
          m[j] = pick(quarter, sum[(r * OUT + i) * 6 + j], sum[(r * OUT + OUT / 4 + i) * 6 + j], sum[(r * OUT + OUT / 2 + i) * 6 + j], sum[(r * OUT + OUT * 3 / 4 + i) * 6 + j]);
        }
        let s12 = (m[1] + m[2]) * (-2.0 / 3.0);
        let d12 = (m[1] - m[2]) * (-2.0 / 3.0 * NEAR);
        let s34 = (m[3] + m[4]) * (1.0 / 6.0);
        let d34 = (m[3] - m[4]) * (1.0 / 6.0 * FAR);
        var value = vec4f(m[0] + s12 + s34, d12 + d34, fma(2.0, s34, 0.5 * s12), fma(2.0, d34, 0.5 * d12) + m[5]) + add;
        if (RELU) { value = max(value, vec4f()); }
        let row = image * uniforms.outHeight + min(top + r, uniforms.outHeight - 1);
        if (MASK && uniforms.masks == 1) {
          let positive = textureLoad(mask, texel(row, x4, channel, uniforms.outBlocks, uniforms.outChannels, uniforms.maskFold));
          value = select(vec4f(), value, positive > vec4f());
        }
        value = select(vec4f(), value, keep);
        if (r > 0) { value = select(last[(r + ROWS - 1) % ROWS], value, top + r < uniforms.outHeight); }
        value = select(last[r], value, o == 0 || firstOut + o < uniforms.outChannels);
        last[r] = value;
        y[at(row, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = value;
      }
      if (POOL) {
        // Two pixels of pooled a pair of rows: half of a group.
        var half: vec2f;
        for (var pair: u32 = 0; pair < ROWS / 2; pair++) { // unroll
          let p = max(last[pair * 2], last[pair * 2 + 1]);
          half = select(half, max(p.xz, p.yw), top + pair * 2 < uniforms.outHeight);
          let row = image * (uniforms.outHeight / 2) + min(top / 2 + pair, uniforms.outHeight / 2 - 1);
          let blocks = (uniforms.outBlocks + 1) / 2;
          pooled[at(row, x4 >> 1, channel, blocks, uniforms.outChannels) * 2 + (x4 & 1)] = half;
        }
      }
    }
  }
}
