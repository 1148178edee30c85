// Gradient of a 3x3 convolution's weight, first stage, for adapters that load faster from textures
// and whose subgroups have 8 or 16 lanes: partial sums over ranges of rows.
//   parts[s,o,first+c,ky,kx] = sum over the rows of split s of
//     dy[n,o,i,j] * x[n,c,top+i+ky-BORDER,left+j+kx-BORDER]
//   sums[s,o] = sum over the rows of split s of dy[n,o,i,j], the gradient of the bias
// x [N,CI,H,W], or a crop of it, and dy [N,CO,OH,OW] as textures (textureSize in
// layout.ts); parts and sums dense. `sum-splits` adds the splits.
// The workgroup is one subgroup with all lanes active. A lane computes the sums of VECTORS
// output channels (lane, lane + LANES ..) and IN input channels. An iteration of its loop takes ROWS rows of one
// group of 4 pixels of dy: a lane loads its own channels of dy, the lanes share the loads of x, and
// subgroupShuffle distributes them.
enable subgroups;
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
alias DyTexels = texture_storage_2d<rgba32float, read>; // rgba16float if dy is f16
const BORDER: u32 = 0; // zeros around x: 0 valid, 1 same, 2 full

const VECTORS: u32 = 2; // output channels per lane
const IN: u32 = 4; // input channels per invocation
const ROWS: u32 = 2; // rows of dy per iteration: a band
const LANES: u32 = 8; // invocations per workgroup, 8 or 16
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the group of dy
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + 9) / 4; // groups of 4 pixels read per row
const HEIGHT: u32 = ROWS + 2; // rows of x read
const LOADS: u32 = (IN * GROUPS + LANES - 1) / LANES; // texels of a row of x that a lane loads

// shared 1
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

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // Channels past the end read the last one; their sums are not written.
  let firstOut = id.x * VECTORS * LANES + lane;
  let firstIn = id.y * IN;
  var outChannel: array<u32, VECTORS>;
  for (var o: u32 = 0; o < VECTORS; o++) { // unroll
    outChannel[o] = min(firstOut + o * LANES, uniforms.outChannels - 1);
  }
  // Which channel and which group of x the lane loads for all.
  var inChannel: array<u32, LOADS>;
  var inGroup: array<u32, LOADS>;
  for (var j: u32 = 0; j < LOADS; j++) { // unroll
    inChannel[j] = min(firstIn + (j * LANES + lane) / GROUPS, uniforms.inChannels - 1);
    inGroup[j] = (j * LANES + lane) % GROUPS + uniforms.left - LEFT;
  }

  var sum: array<f32, VECTORS * IN * 9>;
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
    // Rows of blocks; those outside x are read from inside it, since loads beyond the edge differ between
    // adapters. With a border of 0 they meet only pixels of dy that are 0.
    var xRow: array<u32, HEIGHT>;
    var dRow: array<u32, ROWS>;
    for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
      xRow[r] = (image * uniforms.inHeight + min(top + r + uniforms.top - BORDER, uniforms.inHeight - 1)) * uniforms.inBlocks;
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
          // Only the last row of a band can lie below the image.
          if (r > 0) { d[r * VECTORS + o] = select(vec4f(), d[r * VECTORS + o], top + r < uniforms.outHeight); }
          channelSum[o] += d[r * VECTORS + o];
        }
      }
      var p: array<vec4f, HEIGHT * LOADS>;
      for (var j: u32 = 0; j < LOADS; j++) { // unroll
        let group = x4 + inGroup[j];
        let near = min(group, uniforms.inGroups - 1);
        let column = inChannel[j] * 8 + (near & 7);
        for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
          let line = xRow[r] + (near >> 3);
          p[r * LOADS + j] = textureLoad(x, vec2u((line & xMask) * xSide + column, line >> uniforms.inFold));
          if (BORDER > 0) {
            p[r * LOADS + j] = select(vec4f(), p[r * LOADS + j], top + r - BORDER < uniforms.inHeight && group < uniforms.inGroups);
          }
        }
      }
      for (var c: u32 = 0; c < IN; c++) { // unroll
        var q: array<f32, HEIGHT * 6>; // the pixels of x that channel c needs, the same in all lanes
        for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
          for (var i: u32 = 0; i < 6; i++) { // unroll
            q[r * 6 + i] = subgroupShuffle(p[r * LOADS + (c * GROUPS + (SHIFT + i) / 4) / LANES][(SHIFT + i) % 4], (c * GROUPS + (SHIFT + i) / 4) % LANES);
          }
        }
        for (var ky: u32 = 0; ky < 3; ky++) { // unroll
          for (var kx: u32 = 0; kx < 3; kx++) { // unroll
            for (var o: u32 = 0; o < VECTORS; o++) { // unroll
              for (var r: u32 = 0; r < ROWS; r++) { // unroll
                for (var i: u32 = 0; i < 4; i++) { // unroll
                  sum[(o * IN + c) * 9 + ky * 3 + kx] = fma(d[r * VECTORS + o][i], q[(r + ky) * 6 + i + kx], sum[(o * IN + c) * 9 + ky * 3 + kx]);
                }
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
          for (var t: u32 = 0; t < 9; t++) { // unroll
            parts[base + t] = sum[(o * IN + c) * 9 + t];
          }
        }
      }
      if (uniforms.sumChannels > 0 && id.y == 0) {
        sums[id.z * uniforms.outChannels + firstOut + o * LANES] = dot(channelSum[o], vec4f(1));
      }
    }
  }
}
