// Gradient of the weight and bias of a convolution with strides and groups, first stage, for
// adapters that load faster from textures and whose subgroups have 8 or 16 lanes: partial sums over
// ranges of rows.
//   parts[s,o,c,ky,kx] = sum over the rows of split s of dy[n,o,i,j]
//     * x[n,group*CG+c,i*STRIDE_Y+ky-top,j*STRIDE+kx-left], group = o / OG
//   biasParts[s,o] = sum over the same rows of dy[n,o,i,j]
// x [N,CI,H,W] and dy [N,CO,OH,OW] as textures (textureSize in layout.ts), x being 0 outside; parts
// and biasParts dense, CG = CI / groups, OG = CO / groups. `sum-splits` adds the splits.
// The workgroup is one subgroup with all lanes active. A lane computes the sums of VECTORS output
// channels (lane, lane + LANES ..) and IN input channels. An iteration of its loop takes ROWS rows of
// one group of 4 pixels of dy: a lane loads its own channels of dy, the lanes share the loads of x,
// and subgroupShuffle distributes them.
enable subgroups;
const HEIGHT: u32 = 3; // rows of the kernel
const KERNEL: u32 = 3; // columns of the kernel
const STRIDE_Y: u32 = 2; // between rows
const STRIDE: u32 = 2; // between columns
const SHIFT: u32 = 3; // position of the first pixel needed in the groups read
const VECTORS: u32 = 2; // output channels per lane
const IN: u32 = 4; // input channels per invocation
const LANES: u32 = 8; // invocations per workgroup, 8 or 16

const ROWS: u32 = 2; // rows of dy per iteration: a band
const TAPS: u32 = HEIGHT * KERNEL; // weights of one pair of channels
const PIXELS: u32 = 3 * STRIDE + KERNEL; // of a row of x that 4 pixels of dy need
const GROUPS: u32 = (SHIFT + PIXELS - 1) / 4 + 1; // groups of 4 pixels read per row
const LINES: u32 = (ROWS - 1) * STRIDE_Y + HEIGHT; // rows of x read
const LOADS: u32 = (IN * GROUPS + LANES - 1) / LANES; // texels of a row of x that a lane loads

struct Uniforms {
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  inFold: u32, // binary logarithm of the rows side by side in the texture of x
  outChannels: u32,
  outHeight: u32,
  outBlocks: u32,
  outGroups: u32,
  outFold: u32,
  groupIn: u32, // CG
  groupOut: u32, // OG
  top: u32, // rows of zeros above x
  leftGroups: u32, // groups of 4 pixels read to the left of the first
  bands: u32, // bands of an image of dy
  bandCount: u32, // those of all images
  bandsPerSplit: u32,
}
@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var dy: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // Channels past the end of a group read the last one; their sums are not written.
  let tiles = (uniforms.groupOut + VECTORS * LANES - 1) / (VECTORS * LANES);
  let group = id.x / tiles;
  let firstOut = id.x % tiles * VECTORS * LANES + lane;
  let firstIn = id.y * IN;
  var outChannel: array<u32, VECTORS>;
  for (var o: u32 = 0; o < VECTORS; o++) { // unroll
    outChannel[o] = group * uniforms.groupOut + min(firstOut + o * LANES, uniforms.groupOut - 1);
  }
  // Which channel and which group of x the lane loads for all.
  var inChannel: array<u32, LOADS>;
  var inGroup: array<u32, LOADS>;
  for (var j: u32 = 0; j < LOADS; j++) { // unroll
    inChannel[j] = group * uniforms.groupIn + min(firstIn + (j * LANES + lane) / GROUPS, uniforms.groupIn - 1);
    inGroup[j] = (j * LANES + lane) % GROUPS - uniforms.leftGroups;
  }

  var sum: array<f32, VECTORS * IN * TAPS>;
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
    let topRow = (band - image * uniforms.bands) * ROWS;
    // Rows of blocks; those outside x are read from inside it, since loads beyond the edge differ
    // between adapters.
    var xRow: array<u32, LINES>;
    var isRow: array<bool, LINES>;
    var dRow: array<u32, ROWS>;
    for (var r: u32 = 0; r < LINES; r++) { // unroll
      let row = topRow * STRIDE_Y + r - uniforms.top;
      isRow[r] = row < uniforms.inHeight;
      xRow[r] = (image * uniforms.inHeight + min(row, uniforms.inHeight - 1)) * uniforms.inBlocks;
    }
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      dRow[r] = (image * uniforms.outHeight + min(topRow + r, uniforms.outHeight - 1)) * uniforms.outBlocks;
    }
    for (var x4: u32 = 0; x4 < uniforms.outGroups; x4++) {
      var d: array<vec4f, ROWS * VECTORS>;
      for (var r: u32 = 0; r < ROWS; r++) { // unroll
        let line = dRow[r] + (x4 >> 3);
        let place = vec2u((line & dMask) * dSide + (x4 & 7), line >> uniforms.outFold);
        for (var o: u32 = 0; o < VECTORS; o++) { // unroll
          d[r * VECTORS + o] = textureLoad(dy, vec2u(place.x + outChannel[o] * 8, place.y));
          // Only the last row of a band can lie below the image.
          if (r > 0) { d[r * VECTORS + o] = select(vec4f(), d[r * VECTORS + o], topRow + r < uniforms.outHeight); }
          channelSum[o] += d[r * VECTORS + o];
        }
      }
      var p: array<vec4f, LINES * LOADS>;
      for (var j: u32 = 0; j < LOADS; j++) { // unroll
        let column = x4 * STRIDE + inGroup[j]; // wraps to a large number left of the image
        let near = min(column, uniforms.inGroups - 1);
        let across = inChannel[j] * 8 + (near & 7);
        for (var r: u32 = 0; r < LINES; r++) { // unroll
          let line = xRow[r] + (near >> 3);
          let value = textureLoad(x, vec2u((line & xMask) * xSide + across, line >> uniforms.inFold));
          p[r * LOADS + j] = select(vec4f(), value, isRow[r] && column < uniforms.inGroups);
        }
      }
      for (var c: u32 = 0; c < IN; c++) { // unroll
        var q: array<f32, LINES * PIXELS>; // the pixels of x that channel c needs, the same in all lanes
        for (var r: u32 = 0; r < LINES; r++) { // unroll
          for (var i: u32 = 0; i < PIXELS; i++) { // unroll
            q[r * PIXELS + i] = subgroupShuffle(p[r * LOADS + (c * GROUPS + (SHIFT + i) / 4) / LANES][(SHIFT + i) % 4], (c * GROUPS + (SHIFT + i) / 4) % LANES);
          }
        }
        for (var ky: u32 = 0; ky < HEIGHT; ky++) { // unroll
          for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
            for (var o: u32 = 0; o < VECTORS; o++) { // unroll
              for (var r: u32 = 0; r < ROWS; r++) { // unroll
                for (var i: u32 = 0; i < 4; i++) { // unroll
                  sum[(o * IN + c) * TAPS + ky * KERNEL + kx] = fma(d[r * VECTORS + o][i], q[(r * STRIDE_Y + ky) * PIXELS + i * STRIDE + kx], sum[(o * IN + c) * TAPS + ky * KERNEL + kx]);
                }
              }
            }
          }
        }
      }
    }
  }
  for (var o: u32 = 0; o < VECTORS; o++) { // unroll
    if (firstOut + o * LANES < uniforms.groupOut) {
      let row = id.z * uniforms.outChannels + outChannel[o];
      for (var c: u32 = 0; c < IN; c++) { // unroll
        if (firstIn + c < uniforms.groupIn) {
          let base = (row * uniforms.groupIn + firstIn + c) * TAPS;
          for (var t: u32 = 0; t < TAPS; t++) { // unroll
            parts[base + t] = sum[(o * IN + c) * TAPS + t];
          }
        }
      }
      // All tiles of input channels have the same sums of dy: the first one writes them.
      if (id.y == 0) { biasParts[row] = dot(channelSum[o], vec4f(1)); }
    }
  }
}
