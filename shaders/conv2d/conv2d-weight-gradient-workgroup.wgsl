// Gradient of the weight and bias of a convolution 3x3, first stage, as an implicit matrix product
// whose operands are in workgroup memory, for GPUs: partial sums over ranges of rows.
//   parts[s,o,c,ky,kx] = sum over the rows of split s of dy[n,o,i,j] * x[n,c,i+ky-BORDER,j+kx-BORDER]
//   biasParts[s,o] = sum over the same rows of dy[n,o,i,j]
// The input is skip [N,CS,HS,WS], cropped to the rows and columns of x, followed by x [N,CX,H,W];
// without a skip CS is 0. A skip needs BORDER 0. All and dy [N,CO,OH,OW] in image order; parts
// dense. `sum-splits` adds the splits.
// A workgroup computes the weights of OUT output and IN input channels. It walks down blocks of 32
// pixels of dy; the three rows of x that a row of dy sees are kept in a ring, so that an iteration
// of the loop loads one row of each. An invocation sums CHANNELS output
// channels, one input channel and TAPS rows of the kernel.
const BORDER: u32 = 0; // zeros around x
const OUT: u32 = 64; // output channels per workgroup: 16, 32 or 64
const IN: u32 = 16; // input channels per workgroup: 8 or 16
const CHANNELS: u32 = 8; // output channels per invocation: 4 or 8
const TAPS: u32 = 3; // rows of the kernel per invocation: 1 or 3
const STEP: u32 = 1; // groups of dy per turn: 1 or 2
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses

const SIDE: u32 = OUT / CHANNELS; // invocations along the output channels
const LANES: u32 = SIDE * IN * 3 / TAPS; // invocations per workgroup
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the block of dy
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 37) / 4; // groups of 4 pixels of x read per row
const SEEN: u32 = (SHIFT + STEP * 4 + 5) / 4; // groups of 4 pixels of x that a turn's dy sees
const LINE: u32 = IN * GROUPS; // groups of 4 pixels of one row of x
const LOADS: u32 = (OUT * 8 + LANES - 1) / LANES; // groups of dy that an invocation loads for a block
const PITCH: u32 = 9; // groups from one channel of dy to the next: 8, and one for other banks

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
  outBlocks: u32,
  outGroups: u32,
  rowsPerSplit: u32, // rows of dy of one split, counted over all images
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> skip: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;
@group(0) @binding(4) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(5) var<uniform> uniforms: Uniforms;

var<workgroup> pixels: array<vec4f, LINE * 3>; // [rows, a ring of 3][IN][GROUPS]
var<workgroup> gradients: array<vec4f, OUT * PITCH>; // [OUT][8 groups]

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
  let inChannels = uniforms.skipChannels + uniforms.channels;
  let inTiles = (inChannels + IN - 1) / IN;
  let firstIn = id.x % inTiles * IN;
  let firstOut = id.x / inTiles * OUT;
  // The output channels per invocation are SIDE apart: neighbours read other banks.
  let out = lane % SIDE;
  let c = lane / SIDE % IN;
  let firstTap = select(lane / (SIDE * IN), 0, TAPS == 3);

  let begin = id.y * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.batch * uniforms.outHeight);
  var sum: array<f32, CHANNELS * TAPS * 3>; // [CHANNELS][TAPS][3]
  var biasSum: array<vec4f, LOADS>; // of the groups of dy that this invocation loads
  for (var left: u32 = 0; left < uniforms.outGroups; left += 8) {
    for (var row = begin; row < end; row++) {
      let image = row / uniforms.outHeight;
      let i = row % uniforms.outHeight;
      // Rows of x that the ring does not hold yet: all three at the top, else the last.
      let missing = select(2u, 0u, row == begin || i == 0);
      for (var r = missing; r < 3; r++) {
        for (var item = lane; item < LINE; item += LANES) {
          let value = load(image, firstIn + item / GROUPS, i + r - BORDER, left + item % GROUPS - LEFT);
          pixels[(i + r) % 3 * LINE + item] = value;
        }
      }
      for (var l: u32 = 0; l < LOADS; l++) { // unroll
        let item = lane + l * LANES;
        if (LANES * LOADS == OUT * 8 || item < OUT * 8) {
          let o = firstOut + item / 8;
          let x4 = left + item % 8;
          let ok = o < uniforms.outChannels && x4 < uniforms.outGroups;
          let address = select(0, at(row, x4, o, uniforms.outBlocks, uniforms.outChannels), ok);
          let d = select(vec4f(), dy[address], ok);
          gradients[item / 8 * PITCH + item % 8] = d;
          biasSum[l] += d;
        }
      }
      workgroupBarrier(); // all is loaded before it is read
      // Computed before the loop, since drivers move nothing out of it.
      let line0 = (i + firstTap) % 3 * LINE + c * GROUPS;
      let line1 = (i + 1) % 3 * LINE + c * GROUPS;
      let line2 = (i + 2) % 3 * LINE + c * GROUPS;
      for (var turn: u32 = 0; turn < 8 / STEP; turn++) {
        let g = turn * STEP;
        if (left + g >= uniforms.outGroups) { break; }
        var p: array<vec4f, SEEN * 3>;
        for (var s: u32 = 0; s < SEEN; s++) { // unroll
          p[s] = pixels[line0 + g + s];
          if (TAPS == 3) {
            p[SEEN + s] = pixels[line1 + g + s];
            p[SEEN * 2 + s] = pixels[line2 + g + s];
          }
        }
        for (var q: u32 = 0; q < STEP; q++) { // unroll
          for (var o: u32 = 0; o < CHANNELS; o++) { // unroll
            let d = gradients[(out + o * SIDE) * PITCH + g + q];
            for (var ky: u32 = 0; ky < TAPS; ky++) { // unroll
              for (var kx: u32 = 0; kx < 3; kx++) { // unroll
                for (var k: u32 = 0; k < 4; k++) { // unroll
                  sum[(o * TAPS + ky) * 3 + kx] = fma(d[k], p[ky * SEEN + q + (SHIFT + kx + k) / 4][(SHIFT + kx + k) % 4], sum[(o * TAPS + ky) * 3 + kx]);
                }
              }
            }
          }
        }
      }
      workgroupBarrier(); // all is read before it is overwritten
    }
  }
  // All tiles of input channels have the same sums of dy: the first one writes them.
  for (var l: u32 = 0; l < LOADS; l++) { // unroll
    let item = lane + l * LANES;
    if (LANES * LOADS == OUT * 8 || item < OUT * 8) { gradients[item / 8 * PITCH + item % 8] = biasSum[l]; }
  }
  workgroupBarrier(); // all sums are stored before they are added
  if (firstIn == 0 && lane < OUT && firstOut + lane < uniforms.outChannels) {
    var all = vec4f();
    for (var g: u32 = 0; g < 8; g++) { // unroll
      all += gradients[lane * PITCH + g];
    }
    biasParts[id.y * uniforms.outChannels + firstOut + lane] = dot(all, vec4f(1));
  }
  if (firstIn + c >= inChannels) { return; }
  for (var o: u32 = 0; o < CHANNELS; o++) { // unroll
    let channel = firstOut + out + o * SIDE;
    if (channel < uniforms.outChannels) {
      let base = ((id.y * uniforms.outChannels + channel) * inChannels + firstIn + c) * 9 + firstTap * 3;
      for (var t: u32 = 0; t < TAPS * 3; t++) { // unroll
        parts[base + t] = sum[o * TAPS * 3 + t];
      }
    }
  }
}
