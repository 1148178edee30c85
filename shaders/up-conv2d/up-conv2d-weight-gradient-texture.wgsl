// Gradient of the weight of a 2x2 up-convolution and of its bias, first stage, for adapters that
// load faster from textures and whose subgroups have 8 or 16 lanes: partial sums over ranges of rows.
//   parts[s,c,o,a,b] = sum over the rows of split s of x[n,c,i,j] * dy[n,o,2i+a,2j+b]
//   biasParts[s,o] = sum over the same rows and a, b of dy[n,o,2i+a,2j+b]
// x [N,CI,H,W] and dy [N,CO,2H,2W] as textures (textureSize in layout.ts); parts dense.
// `sum-splits` adds the splits.
// The workgroup is one subgroup with all lanes active. A lane computes the four taps of one
// output channel and IN input channels. An iteration of its loop takes a group of 4 pixels of x: a
// lane loads the pixels of its own channel of dy, the lanes share the loads of x, and
// subgroupShuffle distributes them.
enable subgroups;
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
alias DyTexels = texture_storage_2d<rgba32float, read>; // rgba16float if dy is f16
const IN: u32 = 16; // input channels per invocation
const LANES: u32 = 8; // invocations per workgroup, 8 or 16: output channels
const LOADS: u32 = IN / LANES; // texels of x that a lane loads per iteration

struct Uniforms {
  inChannels: u32,
  inRows: u32, // images times height of x
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inFold: u32, // binary logarithm of the rows side by side in the texture of x
  outChannels: u32,
  outBlocks: u32,
  outFold: u32,
  rowsPerSplit: u32,
}
@group(0) @binding(0) var x: XTexels;
@group(0) @binding(1) var dy: DyTexels;
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>; // the four taps of [s,c,o]
@group(0) @binding(3) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // Channels past the end read the last one.
  let lastIn = uniforms.inChannels - 1;
  let firstIn = id.y * IN;
  let outChannel = min(id.x * LANES + lane, uniforms.outChannels - 1);
  var inChannel: array<u32, LOADS>; // that the lane loads for all
  for (var j: u32 = 0; j < LOADS; j++) { // unroll
    inChannel[j] = min(firstIn + j * LANES + lane, lastIn) * 8;
  }
  // Row r of blocks is the row r >> fold of the texture, and starts side * (r & mask) texels in.
  let xMask = (1u << uniforms.inFold) - 1;
  let dMask = (1u << uniforms.outFold) - 1;
  let xSide = uniforms.inChannels * 8;
  let dSide = uniforms.outChannels * 8;

  var sum: array<vec4f, IN>; // a component is a tap
  var biasSum = vec4f();
  let groups = (uniforms.inWidth + 3) / 4;
  let begin = id.z * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.inRows);
  for (var row = begin; row < end; row++) {
    for (var x4: u32 = 0; x4 < groups; x4++) {
      var p: array<vec4f, LOADS>;
      let line = row * uniforms.inBlocks + (x4 >> 3);
      let column = (line & xMask) * xSide + (x4 & 7);
      for (var j: u32 = 0; j < LOADS; j++) { // unroll
        p[j] = textureLoad(x, vec2u(column + inChannel[j], line >> uniforms.inFold));
      }
      // The right group may lie past the row: then the left one is read in its place, and meets
      // pixels of x that are 0.
      let exists = x4 * 8 + 4 < uniforms.inWidth * 2;
      var d: array<vec4f, 4>; // left and right group of dy in both rows
      for (var a: u32 = 0; a < 2; a++) { // unroll
        let above = (row * 2 + a) * uniforms.outBlocks + (x4 >> 2);
        let left = (above & dMask) * dSide + outChannel * 8 + (x4 * 2) % 8;
        d[a * 2] = textureLoad(dy, vec2u(left, above >> uniforms.outFold));
        d[a * 2 + 1] = textureLoad(dy, vec2u(left + select(0u, 1u, exists), above >> uniforms.outFold));
      }
      biasSum += d[0] + d[2] + (d[1] + d[3]) * select(0.0, 1.0, exists);
      for (var c: u32 = 0; c < IN; c++) { // unroll
        for (var i: u32 = 0; i < 4; i++) { // unroll
          let v = vec4f(subgroupShuffle(p[c / LANES][i], c % LANES));
          let taps = vec4f(d[i / 2][i % 2 * 2], d[i / 2][i % 2 * 2 + 1], d[2 + i / 2][i % 2 * 2], d[2 + i / 2][i % 2 * 2 + 1]);
          sum[c] = fma(v, taps, sum[c]);
        }
      }
    }
  }
  // Channels past the end have the sums of the last one, and write them to its place again.
  for (var c: u32 = 0; c < IN; c++) { // unroll
    let channel = min(firstIn + c, lastIn);
    parts[(id.z * uniforms.inChannels + channel) * uniforms.outChannels + outChannel] = sum[c];
  }
  // All tiles of input channels have the same sums of dy.
  biasParts[id.z * uniforms.outChannels + outChannel] = dot(biasSum, vec4f(1.0));
}
