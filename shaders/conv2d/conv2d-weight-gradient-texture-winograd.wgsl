// Gradient of a 3x3 convolution's weight, first stage, by one-dimensional Winograd F(3,4) along the
// rows, for adapters that load faster from textures and whose subgroups have 8 or 16 lanes: partial sums
// over ranges of rows.
//   parts[s,o,first+c,ky,kx] = sum over the rows of split s of
//     dy[n,o,i,j] * x[n,c,top+i+ky-BORDER,left+j+kx-BORDER]
//   sums[s,o] = sum over the rows of split s of dy[n,o,i,j], the gradient of the bias
// x [N,CI,H,W], or a crop of it, and dy [N,CO,OH,OW] as textures (textureSize in
// layout.ts); parts and sums dense. `sum-splits` adds the splits.
// Four pixels of dy and the six pixels of x that they meet give the sums for the three weights of a
// row of the kernel by 6 products instead of 12: both are transformed and multiplied, the products
// are summed over all pixels, and the sums are transformed back at the end. The constants of dy's
// transform, -2/3 and 1/6, are applied then.
// The workgroup is one subgroup with all lanes active. A lane computes the sums of VECTORS
// output channels (lane, lane + LANES ..) and IN input channels. An iteration of its loop takes
// ROWS rows of one group of 4 pixels of dy: a lane loads and transforms its own channels of dy and
// its share of the rows of x, and shuffles distribute these, form by form, so that dy's stay in registers.
enable subgroups;
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
alias DyTexels = texture_storage_2d<rgba32float, read>; // rgba16float if dy is f16
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full

const VECTORS: u32 = 2; // output channels per lane
const IN: u32 = 4; // input channels per invocation
const ROWS: u32 = 4; // rows of dy per iteration
const LANES: u32 = 8; // invocations per workgroup, 8 or 16
const NEAR: f32 = 0.70710678; // the transforms' points are 0, +-NEAR, +-FAR and infinity: as
const FAR: f32 = 1.41421356; // exact as the direct method, while 0, +-1, +-2 lose a third of a bit
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the group of dy
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 9) / 4; // groups of 4 pixels read per row
const HEIGHT: u32 = ROWS + 2; // rows of x read
const SLOTS: u32 = (IN * HEIGHT + LANES - 1) / LANES; // rows of x that a lane loads, of channel lane % IN

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
  bands: u32, // pieces of ROWS rows per image of dy
  bandCount: u32, // those of all images
  bandsPerSplit: u32,
}
@group(0) @binding(0) var x: XTexels;
@group(0) @binding(1) var dy: DyTexels;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // Channels past the end read the last one; their sums are not written.
  let firstOut = id.x * VECTORS * LANES + lane;
  let firstIn = id.y * IN;
  var outChannel: array<u32, VECTORS>;
  for (var o: u32 = 0; o < VECTORS; o++) { // unroll
    outChannel[o] = min(firstOut + o * LANES, uniforms.outChannels - 1);
  }
  let inChannel = min(firstIn + lane % IN, uniforms.inChannels - 1) * 8;
  let firstRow = lane / IN; // of x, in an iteration; the others follow in steps of LANES / IN

  var sum: array<f32, VECTORS * IN * 18>; // of [IN][3 rows of the kernel][6 forms] for each vector
  var channelSum: array<vec4f, VECTORS>;
  // Row r of blocks is the row r >> fold of the texture, and starts side * (r & mask) texels in.
  let xMask = (1u << uniforms.inFold) - 1;
  let dMask = (1u << uniforms.outFold) - 1;
  let xSide = uniforms.inChannels * 8;
  let dSide = uniforms.outChannels * 8;
  let begin = id.z * uniforms.bandsPerSplit;
  let end = min(begin + uniforms.bandsPerSplit, uniforms.bandCount);
  for (var band = begin; band < end; band++) {
    let image = band / uniforms.bands;
    let top = (band - image * uniforms.bands) * ROWS;
    // Rows of blocks; those outside x are read from inside it, since loads beyond the edge differ
    // between adapters. With a border of 0 they meet only pixels of dy that are 0.
    var xRow: array<u32, SLOTS>;
    var inside: array<bool, SLOTS>;
    var dRow: array<u32, ROWS>;
    for (var s: u32 = 0; s < SLOTS; s++) { // unroll
      let row = top + s * (LANES / IN) + firstRow + uniforms.top - BORDER; // wraps above the image
      inside[s] = row < uniforms.inHeight;
      xRow[s] = (image * uniforms.inHeight + min(row, uniforms.inHeight - 1)) * uniforms.inBlocks;
    }
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      dRow[r] = (image * uniforms.outHeight + min(top + r, uniforms.outHeight - 1)) * uniforms.outBlocks;
    }
    for (var x4: u32 = 0; x4 < uniforms.outGroups; x4++) {
      var d: array<vec4f, ROWS * VECTORS>;
      for (var r: u32 = 0; r < ROWS; r++) { // unroll
        let line = dRow[r] + (x4 >> 3);
        let y = line >> uniforms.outFold;
        let x = (line & dMask) * dSide + (x4 & 7);
        for (var o: u32 = 0; o < VECTORS; o++) { // unroll
          d[r * VECTORS + o] = textureLoad(dy, vec2u(x + outChannel[o] * 8, y));
          // The first row of a band never lies below the image.
          if (r > 0) { d[r * VECTORS + o] = select(vec4f(), d[r * VECTORS + o], top + r < uniforms.outHeight); }
          channelSum[o] += d[r * VECTORS + o];
        }
      }
      var p: array<vec4f, SLOTS * GROUPS>;
      for (var g: u32 = 0; g < GROUPS; g++) { // unroll
        let group = x4 + g + uniforms.left - LEFT;
        let near = min(group, uniforms.inGroups - 1);
        let column = inChannel + (near & 7);
        for (var s: u32 = 0; s < SLOTS; s++) { // unroll
          let line = xRow[s] + (near >> 3);
          p[s * GROUPS + g] = textureLoad(x, vec2u((line & xMask) * xSide + column, line >> uniforms.inFold));
          if (BORDER > 0) {
            p[s * GROUPS + g] = select(vec4f(), p[s * GROUPS + g], inside[s] && group < uniforms.inGroups);
          }
        }
      }
      // The lane's rows of x and of dy, transformed: six forms each.
      var v: array<f32, SLOTS * 6>;
      for (var s: u32 = 0; s < SLOTS; s++) { // unroll
        let d0 = p[s * GROUPS + SHIFT / 4][SHIFT % 4];
        let d1 = p[s * GROUPS + (SHIFT + 1) / 4][(SHIFT + 1) % 4];
        let d2 = p[s * GROUPS + (SHIFT + 2) / 4][(SHIFT + 2) % 4];
        let d3 = p[s * GROUPS + (SHIFT + 3) / 4][(SHIFT + 3) % 4];
        let d4 = p[s * GROUPS + (SHIFT + 4) / 4][(SHIFT + 4) % 4];
        let d5 = p[s * GROUPS + (SHIFT + 5) / 4][(SHIFT + 5) % 4];
        let even = fma(-2.0, d2, d4);
        let odd = fma(-2.0, d1, d3);
        let evenFar = fma(-0.5, d2, d4);
        let oddFar = fma(-0.5, d1, d3);
        v[s * 6] = fma(-2.5, d2, d0 + d4);
        v[s * 6 + 1] = fma(NEAR, odd, even);
        v[s * 6 + 2] = fma(-NEAR, odd, even);
        v[s * 6 + 3] = fma(FAR, oddFar, evenFar);
        v[s * 6 + 4] = fma(-FAR, oddFar, evenFar);
        v[s * 6 + 5] = fma(-2.5, d3, d1 + d5);
      }
      var f: array<f32, ROWS * VECTORS * 6>;
      for (var i: u32 = 0; i < ROWS * VECTORS; i++) { // unroll
        let even = fma(0.5, d[i].z, d[i].x);
        let odd = fma(0.5, d[i].w, d[i].y);
        let evenFar = fma(2.0, d[i].z, d[i].x);
        let oddFar = fma(2.0, d[i].w, d[i].y);
        f[i * 6] = d[i].x;
        f[i * 6 + 1] = fma(NEAR, odd, even);
        f[i * 6 + 2] = fma(-NEAR, odd, even);
        f[i * 6 + 3] = fma(FAR, oddFar, evenFar);
        f[i * 6 + 4] = fma(-FAR, oddFar, evenFar);
        f[i * 6 + 5] = d[i].w;
      }
      for (var m: u32 = 0; m < 6; m++) { // unroll
        for (var c: u32 = 0; c < IN; c++) { // unroll
          var q: array<f32, HEIGHT>; // form m of channel c's rows, the same in all lanes
          for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
            q[r] = subgroupShuffle(v[r / (LANES / IN) * 6 + m], r % (LANES / IN) * IN + c);
          }
          for (var ky: u32 = 0; ky < 3; ky++) { // unroll
            for (var o: u32 = 0; o < VECTORS; o++) { // unroll
              for (var r: u32 = 0; r < ROWS; r++) { // unroll
                sum[(o * IN + c) * 18 + ky * 6 + m] = fma(f[(r * VECTORS + o) * 6 + m], q[r + ky], sum[(o * IN + c) * 18 + ky * 6 + m]);
              }
            }
          }
        }
      }
    }
  }
  for (var o: u32 = 0; o < VECTORS; o++) { // unroll
    if (firstOut + o * LANES < uniforms.outChannels) {
      let row = (id.z * uniforms.outChannels + firstOut + o * LANES) * uniforms.weightChannels;
      for (var c: u32 = 0; c < IN; c++) { // unroll
        if (firstIn + c < uniforms.inChannels) {
          let base = (row + uniforms.firstChannel + firstIn + c) * 9;
          for (var ky: u32 = 0; ky < 3; ky++) { // unroll
            let s12 = (sum[(o * IN + c) * 18 + ky * 6 + 1] + sum[(o * IN + c) * 18 + ky * 6 + 2]) * (-2.0 / 3.0);
            let d12 = (sum[(o * IN + c) * 18 + ky * 6 + 1] - sum[(o * IN + c) * 18 + ky * 6 + 2]) * (-2.0 / 3.0 * NEAR);
            let s34 = (sum[(o * IN + c) * 18 + ky * 6 + 3] + sum[(o * IN + c) * 18 + ky * 6 + 4]) * (1.0 / 6.0);
            let d34 = (sum[(o * IN + c) * 18 + ky * 6 + 3] - sum[(o * IN + c) * 18 + ky * 6 + 4]) * (1.0 / 6.0 * FAR);
            parts[base + ky * 3] = sum[(o * IN + c) * 18 + ky * 6] + s12 + s34;
            parts[base + ky * 3 + 1] = d12 + d34;
            parts[base + ky * 3 + 2] = fma(2.0, s34, 0.5 * s12) + sum[(o * IN + c) * 18 + ky * 6 + 5];
          }
        }
      }
      if (uniforms.sumChannels > 0 && id.y == 0) {
        sums[id.z * uniforms.outChannels + firstOut + o * LANES] = dot(channelSum[o], vec4f(1));
      }
    }
  }
}
