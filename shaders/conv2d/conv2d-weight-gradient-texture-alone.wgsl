// Gradient of a 3x3 convolution's weight, first stage, for adapters that read textures and have no
// subgroups of 8 lanes: partial sums over ranges of rows.
//   parts[s,o,first+c,ky,kx] = sum over the rows of split s of
//     dy[n,o,i,j] * x[n,c,top+i+ky-BORDER,left+j+kx-BORDER]
//   sums[s,o] = sum over the rows of split s of dy[n,o,i,j], the gradient of the bias
// x [N,CI,H,W], or a crop of it, and dy [N,CO,OH,OW] as textures (textureSize in
// layout.ts); parts and sums dense. `sum-splits` adds the splits.
// One invocation computes OUT x IN x 9 sums in registers. It walks down a column of groups of 4
// pixels, so that a row of x is read once for all rows of the kernel. A band is one row of dy.
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
alias DyTexels = texture_storage_2d<rgba32float, read>; // rgba16float if dy is f16
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full
const LANES: u32 = 8; // invocations per workgroup

const OUT: u32 = 4; // output channels per invocation
const IN: u32 = 2; // input channels per invocation
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the group of dy
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 9) / 4; // groups of 4 pixels read per row

// shared 1 of conv2d-weight-gradient-texture
struct Uniforms {
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  inFold: u32, // binary logarithm of the rows side by side in the texture of x
  top: u32, // rows of x above the crop
  left: u32, // groups of 4 pixels to its left
  weightChannels: u32, // input channels of the weight, of which those of x are some
  firstChannel: u32,
  sumChannels: u32, // whether sums is written
  outChannels: u32,
  outHeight: u32,
  outBlocks: u32,
  outGroups: u32,
  outFold: u32,
  bands: u32, // bands of an image of dy
  bandCount: u32, // those of all images
  bandsPerSplit: u32,
}
@group(0) @binding(0) var x: XTexels;
@group(0) @binding(1) var dy: DyTexels;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;
// end

// The texel of the group x4 of channel 0 in the row of blocks that begins at `line`.
fn texel(line: u32, x4: u32, channels: u32, fold: u32) -> vec2u {
  let block = line + (x4 >> 3);
  let side = block & ((1u << fold) - 1);
  return vec2u(side * channels * 8 + (x4 & 7), block >> fold);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let inTiles = (uniforms.inChannels + IN - 1) / IN;
  let index = id.x * LANES + lane;
  if (index >= (uniforms.outChannels + OUT - 1) / OUT * inTiles) { return; }
  let firstIn = index % inTiles * IN;
  let firstOut = index / inTiles * OUT;
  // Channels past the end read the last one; their sums are not written.
  var inChannel: array<u32, IN>;
  for (var c: u32 = 0; c < IN; c++) { // unroll
    inChannel[c] = min(firstIn + c, uniforms.inChannels - 1);
  }
  var outChannel: array<u32, OUT>;
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    outChannel[o] = min(firstOut + o, uniforms.outChannels - 1);
  }

  var sum: array<f32, OUT * IN * 9>;
  var channelSum: array<vec4f, OUT>;
  let begin = id.y * uniforms.bandsPerSplit;
  let end = min(begin + uniforms.bandsPerSplit, uniforms.bandCount);
  for (var x4: u32 = 0; x4 < uniforms.outGroups; x4++) {
    var p: array<vec4f, 3 * IN * GROUPS>; // of three rows of x
    for (var row = begin; row < end; row++) {
      let image = row / uniforms.outHeight;
      let i = row - image * uniforms.outHeight;
      let first = row == begin || i == 0;
      for (var r: u32 = 0; r < 3; r++) { // unroll
        if (r < 2 && !first) {
          for (var q: u32 = 0; q < IN * GROUPS; q++) { // unroll
            p[r * IN * GROUPS + q] = p[(r + 1) % 3 * IN * GROUPS + q];
          }
        } else {
          // Pixels outside x are read from inside it, since loads beyond the edge differ between
          // adapters. With a border of 0 it meets only pixels of dy that are 0.
          let y = i + r + uniforms.top - BORDER; // wraps to a large number above the image
          let line = (image * uniforms.inHeight + min(y, uniforms.inHeight - 1)) * uniforms.inBlocks;
          for (var g: u32 = 0; g < GROUPS; g++) { // unroll
            let group = x4 + g + uniforms.left - LEFT;
            let near = texel(line, min(group, uniforms.inGroups - 1), uniforms.inChannels, uniforms.inFold);
            for (var c: u32 = 0; c < IN; c++) { // unroll
              p[(r * IN + c) * GROUPS + g] = textureLoad(x, vec2u(near.x + inChannel[c] * 8, near.y));
              if (BORDER > 0) {
                p[(r * IN + c) * GROUPS + g] = select(vec4f(), p[(r * IN + c) * GROUPS + g], y < uniforms.inHeight && group < uniforms.inGroups);
              }
            }
          }
        }
      }
      let near = texel(row * uniforms.outBlocks, x4, uniforms.outChannels, uniforms.outFold);
      for (var o: u32 = 0; o < OUT; o++) { // unroll
        let d = textureLoad(dy, vec2u(near.x + outChannel[o] * 8, near.y));
        channelSum[o] += d;
        for (var c: u32 = 0; c < IN; c++) { // unroll
          for (var ky: u32 = 0; ky < 3; ky++) { // unroll
            for (var kx: u32 = 0; kx < 3; kx++) { // unroll
              for (var k: u32 = 0; k < 4; k++) { // unroll
                sum[(o * IN + c) * 9 + ky * 3 + kx] = fma(
                  d[k],
                  p[(ky * IN + c) * GROUPS + (SHIFT + kx + k) / 4][(SHIFT + kx + k) % 4],
                  sum[(o * IN + c) * 9 + ky * 3 + kx],
                );
              }
            }
          }
        }
      }
    }
  }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    if (firstOut + o < uniforms.outChannels) {
      let row = (id.y * uniforms.outChannels + firstOut + o) * uniforms.weightChannels;
      for (var c: u32 = 0; c < IN; c++) { // unroll
        if (firstIn + c < uniforms.inChannels) {
          let base = (row + uniforms.firstChannel + firstIn + c) * 9;
          for (var t: u32 = 0; t < 9; t++) { // unroll
            parts[base + t] = sum[(o * IN + c) * 9 + t];
          }
        }
      }
      // All tiles of input channels have the same sums of dy: the first one writes them.
      if (uniforms.sumChannels > 0 && firstIn == 0) {
        sums[id.y * uniforms.outChannels + firstOut + o] = dot(channelSum[o], vec4f(1));
      }
    }
  }
}
