// 2D convolution 3x3, stride 1, with bias, activation and mask, as an implicit matrix product whose
// operands are in workgroup memory, for GPUs:
//   y[n,o,i,j] = act(bias[o] + sum over c,ky,kx of weight[o,c,ky,kx] * x[n,c,i+ky-BORDER,j+kx-BORDER])
// The input is skip [N,CS,HS,WS], cropped to the rows and columns of x, followed by x [N,CX,H,W];
// without a skip CS is 0. A skip needs BORDER 0. All and y [N,CO,OH,OW] in image order; pixels
// outside are 0. weight as conv2d-pack-weight writes it: [CO / OUT][CI][9][OUT].
// A workgroup computes OUT channels of PLACES strips of STRIP x 4 pixels, COLUMNS strips per row.
// An iteration of its loop loads DEPTH channels of the pixels that these see, and the weights of
// those channels; then each invocation adds their products to its CHANNELS channels of one strip.
// With F16 pixels and weights are rounded to 16 bits when they are stored in workgroup memory, which
// then takes half as much; their products are exact in 32 bits, in which they are added.
alias Factor = vec4f; // vec4h with F16
const F16: bool = false; // whether the factors of products have 16 bits
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full
const OUT: u32 = 64; // output channels per workgroup: 16, 32 or 64
const CHANNELS: u32 = 8; // output channels per invocation: 4 or 8
const STRIP: u32 = 2; // groups of 4 pixels per invocation: 1 or 2
const PLACES: u32 = 16; // strips per workgroup
const COLUMNS: u32 = 4; // strips in a row of the workgroup's pixels, a divisor of PLACES
const DEPTH: u32 = 4; // input channels per iteration
const BIAS: bool = true; // whether bias is added; without, the binding is not read
const RELU: bool = false; // activation: max(0, .) or none
const MASK: bool = false; // whether y may be 0 where mask is not above 0; without, mask is not read
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses

const SIDE: u32 = OUT / CHANNELS; // invocations along the output channels
const LANES: u32 = SIDE * PLACES; // invocations per workgroup
const HALVES: u32 = CHANNELS / 4; // groups of 4 output channels per invocation
const WIDTH: u32 = COLUMNS * STRIP * 4; // pixels of a row of the workgroup's
const ROWS: u32 = PLACES / COLUMNS; // rows of the workgroup's pixels
const HEIGHT: u32 = ROWS + 2; // rows that they see
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of them
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + WIDTH + 5) / 4; // groups of 4 pixels read per row
const SEEN: u32 = (SHIFT + STRIP * 4 + 5) / 4; // groups of 4 pixels that an invocation sees per row
const PIXELS: u32 = DEPTH * HEIGHT * GROUPS; // groups of 4 pixels loaded per iteration
const WEIGHTS: u32 = DEPTH * 9 * OUT / 4; // groups of 4 weights loaded per iteration

struct Uniforms {
  batch: u32,
  channels: u32,
  height: u32,
  blocks: u32, // blocks of 32 pixels per row of x
  groups: u32, // groups of 4 pixels per row of x
  skipChannels: u32,
  skipHeight: u32,
  skipBlocks: u32,
  skipTop: u32, // rows of the skip above the crop
  skipLeft: u32, // groups of 4 pixels of the skip to the left of it
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  masks: u32, // 1 if MASK and y is masked, else 0
  gridWidth: u32, // workgroups of the dispatch along x: Intel's driver reads the builtin lane by lane
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> skip: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> mask: array<vec4f>; // like y
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(6) var<uniform> uniforms: Uniforms;

var<workgroup> pixels: array<Factor, PIXELS>; // [DEPTH][HEIGHT][GROUPS]
var<workgroup> weights: array<Factor, WEIGHTS>; // [DEPTH][9][OUT / 4]

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The group x4 of row y of channel c of the input, counted over skip and x; 0 outside.
fn load(image: u32, c: u32, y: u32, x4: u32) -> vec4f {
  let isInside = y < uniforms.height && x4 < uniforms.groups && c < uniforms.skipChannels + uniforms.channels;
  if (!isInside) { return vec4f(); }
  if (c < uniforms.skipChannels) {
    let row = image * uniforms.skipHeight + y + uniforms.skipTop;
    return skip[at(row, x4 + uniforms.skipLeft, c, uniforms.skipBlocks, uniforms.skipChannels)];
  }
  return x[at(image * uniforms.height + y, x4, c - uniforms.skipChannels, uniforms.blocks, uniforms.channels)];
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let across = (uniforms.outWidth + WIDTH - 1) / WIDTH; // workgroups per row
  let bands = (uniforms.outHeight + ROWS - 1) / ROWS;
  let index = id.x + id.y * uniforms.gridWidth;
  if (index >= uniforms.batch * bands * across) { return; }
  let band = index / across;
  let image = band / bands;
  let top = band % bands * ROWS;
  let left = index % across * COLUMNS * STRIP; // in groups of 4 pixels

  // Neighbouring invocations take neighbouring channels: they read other banks of the weights, and
  // the same pixels.
  let out4 = lane % SIDE;
  let row = lane / SIDE / COLUMNS;
  let column = lane / SIDE % COLUMNS * STRIP; // in groups of 4 pixels

  let inChannels = uniforms.skipChannels + uniforms.channels;
  let weightEnd = (id.z + 1) * inChannels * 9 * (OUT / 4);
  var sum: array<vec4f, CHANNELS * STRIP>; // [CHANNELS][STRIP]
  for (var c: u32 = 0; c < inChannels; c += DEPTH) {
    for (var i = lane; i < PIXELS; i += LANES) {
      let line = i / GROUPS; // neighbours load from neighbouring channels: [HEIGHT][DEPTH]
      let r = line / DEPTH;
      let d = line % DEPTH;
      let g = i % GROUPS;
      pixels[(d * HEIGHT + r) * GROUPS + g] = Factor(load(image, c + d, top + r - BORDER, left + g - LEFT));
    }
    let weightFirst = (id.z * inChannels + c) * 9 * (OUT / 4);
    for (var i = lane; i < WEIGHTS; i += LANES) {
      let ok = weightFirst + i < weightEnd;
      weights[i] = Factor(select(vec4f(), weight[select(0, weightFirst + i, ok)], ok));
    }
    workgroupBarrier(); // all is loaded before it is read
    for (var d: u32 = 0; d < DEPTH; d++) {
      for (var ky: u32 = 0; ky < 3; ky++) { // unroll
        var p: array<vec4f, SEEN>;
        let first = (d * HEIGHT + row + ky) * GROUPS + column;
        for (var s: u32 = 0; s < SEEN; s++) { // unroll
          p[s] = vec4f(pixels[first + s]);
        }
        for (var kx: u32 = 0; kx < 3; kx++) { // unroll
          let tap = (d * 9 + ky * 3 + kx) * (OUT / 4) + out4;
          for (var half: u32 = 0; half < HALVES; half++) { // unroll
            let w = vec4f(weights[tap + half * SIDE]);
            for (var q: u32 = 0; q < STRIP; q++) { // unroll
              let v = vec4f(
                p[(SHIFT + kx + q * 4) / 4][(SHIFT + kx) % 4],
                p[(SHIFT + kx + q * 4 + 1) / 4][(SHIFT + kx + 1) % 4],
                p[(SHIFT + kx + q * 4 + 2) / 4][(SHIFT + kx + 2) % 4],
                p[(SHIFT + kx + q * 4 + 3) / 4][(SHIFT + kx + 3) % 4],
              );
              for (var k: u32 = 0; k < 4; k++) { // unroll
                sum[(half * 4 + k) * STRIP + q] = fma(v, vec4f(w[k]), sum[(half * 4 + k) * STRIP + q]);
              }
            }
          }
        }
      }
    }
    workgroupBarrier(); // all is read before it is overwritten
  }

  // Pixels past the right edge are written as 0: the padding rule.
  let outGroups = (uniforms.outWidth + 3) / 4;
  for (var o: u32 = 0; o < CHANNELS; o++) { // unroll
    let channel = id.z * OUT + o / 4 * (OUT / HALVES) + out4 * 4 + o % 4;
    for (var q: u32 = 0; q < STRIP; q++) { // unroll
      let x4 = left + column + q;
      if (channel < uniforms.outChannels && top + row < uniforms.outHeight && x4 < outGroups) {
        var value = sum[o * STRIP + q];
        if (BIAS) { value += bias[channel]; }
        if (RELU) { value = max(value, vec4f()); }
        let destination = at(image * uniforms.outHeight + top + row, x4, channel, uniforms.outBlocks, uniforms.outChannels);
        if (MASK && uniforms.masks == 1) { value = select(vec4f(), value, mask[destination] > vec4f()); }
        y[destination] = select(vec4f(), value, vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.outWidth));
      }
    }
  }
}
