// Gradient of a convolution's weight and bias, first stage: partial sums over ranges of rows.
//   parts[s,o,c,ky,kx] = sum over the rows of split s of dy[n,o,i,j] * x[n,c,i+ky-BORDER,j+kx-BORDER]
//   biasParts[s,o] = sum over the same rows of dy[n,o,i,j]
// x [N,CI,H,W] and dy [N,CO,OH,OW] in image order; parts dense. `sum-splits` adds the splits.
// One invocation computes OUT x IN x KERNEL^2 sums in registers. It walks down a column of groups
// of 4 pixels, so that a row of x is read once for all KERNEL rows of the kernel.
const KERNEL: u32 = 3; // side of the kernel, odd
const BORDER: u32 = 0; // zeros around x
const OUT: u32 = 4; // output channels per invocation
const IN: u32 = 2; // input channels per invocation
const LANES: u32 = 8; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses

const TAPS: u32 = KERNEL * KERNEL; // weights of one pair of channels
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the group of dy
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + KERNEL + 6) / 4; // groups of 4 pixels read per row
const OVERLAP: u32 = KERNEL - 1; // rows of x that the next row of dy needs again

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outBlocks: u32,
  outGroups: u32,
  rowsPerSplit: u32, // rows of dy of one split, counted over all images
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
  let inGroups = (uniforms.inChannels + IN - 1) / IN;
  let index = id.x * LANES + lane;
  if (index >= (uniforms.outChannels + OUT - 1) / OUT * inGroups) { return; }
  let firstIn = index % inGroups * IN;
  let firstOut = index / inGroups * OUT;
  // Channels past the end read the last one; their sums are not written.
  let lastIn = uniforms.inChannels - 1;
  let lastOut = uniforms.outChannels - 1;

  var sum: array<f32, OUT * IN * TAPS>;
  var biasSum: array<vec4f, OUT>;
  let begin = id.y * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.batch * uniforms.outHeight);
  for (var x4: u32 = 0; x4 < uniforms.outGroups; x4++) {
    var p: array<vec4f, KERNEL * IN * GROUPS>; // rows of x: KERNEL rows, IN channels, GROUPS groups
    for (var row = begin; row < end; row++) {
      let image = row / uniforms.outHeight;
      let i = row % uniforms.outHeight;
      let first = row == begin || i == 0;
      for (var r: u32 = 0; r < KERNEL; r++) { // unroll
        if (r < OVERLAP && !first) {
          for (var q: u32 = 0; q < IN * GROUPS; q++) { // unroll
            p[r * IN * GROUPS + q] = p[(r + 1) % KERNEL * IN * GROUPS + q];
          }
        } else {
          let y = i + r - BORDER; // wraps to a large number above the image
          for (var g: u32 = 0; g < GROUPS; g++) { // unroll
            let group = x4 + g - LEFT;
            let ok = y < uniforms.inHeight && group < uniforms.inGroups;
            for (var c: u32 = 0; c < IN; c++) { // unroll
              let address = select(0, at(image * uniforms.inHeight + y, group, min(firstIn + c, lastIn), uniforms.inBlocks, uniforms.inChannels), ok);
              p[(r * IN + c) * GROUPS + g] = select(vec4f(), x[address], ok);
            }
          }
        }
      }
      for (var o: u32 = 0; o < OUT; o++) { // unroll
        let d = dy[at(row, x4, min(firstOut + o, lastOut), uniforms.outBlocks, uniforms.outChannels)];
        biasSum[o] += d;
        for (var c: u32 = 0; c < IN; c++) { // unroll
          for (var ky: u32 = 0; ky < KERNEL; ky++) { // unroll
            for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
              for (var k: u32 = 0; k < 4; k++) { // unroll
                sum[(o * IN + c) * TAPS + ky * KERNEL + kx] = fma(
                  d[k],
                  p[(ky * IN + c) * GROUPS + (SHIFT + kx + k) / 4][(SHIFT + kx + k) % 4],
                  sum[(o * IN + c) * TAPS + ky * KERNEL + kx],
                );
              }
            }
          }
        }
      }
    }
  }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    for (var c: u32 = 0; c < IN; c++) { // unroll
      if (firstOut + o < uniforms.outChannels && firstIn + c < uniforms.inChannels) {
        let base = ((id.y * uniforms.outChannels + firstOut + o) * uniforms.inChannels + firstIn + c) * TAPS;
        for (var t: u32 = 0; t < TAPS; t++) { // unroll
          parts[base + t] = sum[(o * IN + c) * TAPS + t];
        }
      }
    }
  }
  // All tiles of input channels have the same sums of dy: the first one writes them.
  if (firstIn > 0) { return; }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    if (firstOut + o < uniforms.outChannels) {
      biasParts[id.y * uniforms.outChannels + firstOut + o] = dot(biasSum[o], vec4f(1));
    }
  }
}
