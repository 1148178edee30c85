// Gradient of the weight and bias of `convolution`, first stage: partial sums over ranges of rows.
//   parts[s,o,c,ky,kx] = sum over the rows of split s of dy[n,o,i,j]
//     * x[n,group*CG+c,i*strideY+ky*dilationY-top,j*strideX+kx*dilationX-left], group = o / OG
//   biasParts[s,o] = sum over the same rows of dy[n,o,i,j]
// x [N,CI,H,W] and dy [N,CO,OH,OW] in image order, x being 0 outside; parts dense, CG = CI / groups,
// OG = CO / groups. `sum-splits` adds the splits.
// One invocation computes the sums of one tap for IN input channels and OUT output channels.
const OUT: u32 = 4; // output channels per invocation
const IN: u32 = 4; // input channels per invocation
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outRows: u32, // images times height of dy
  outWidth: u32,
  outBlocks: u32,
  groupIn: u32, // CG
  groupOut: u32, // OG
  kernelHeight: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  dilationY: u32,
  dilationX: u32,
  top: u32, // rows and columns of zeros before x
  left: u32,
  rowsPerSplit: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
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
  let area = uniforms.kernelHeight * uniforms.kernelWidth;
  let inTiles = (uniforms.groupIn + IN - 1) / IN;
  let outTiles = (uniforms.groupOut + OUT - 1) / OUT; // per group
  let index = id.x * LANES + lane;
  if (index >= inTiles * area) { return; }
  let firstIn = index / area * IN; // within the group
  let ky = index % area / uniforms.kernelWidth;
  let kx = index % uniforms.kernelWidth; // area is a multiple of the width
  let group = id.z / outTiles;
  let firstOut = id.z % outTiles * OUT; // within the group
  // Channels past the end read the last one; their sums are not written.
  let lastIn = uniforms.groupIn - 1;
  let lastOut = uniforms.groupOut - 1;
  let rowFloats = uniforms.inBlocks * uniforms.inChannels * 32;
  var inFloat: array<u32, IN>;
  for (var c: u32 = 0; c < IN; c++) { // unroll
    inFloat[c] = (group * uniforms.groupIn + min(firstIn + c, lastIn)) * 32;
  }

  var sum: array<f32, OUT * IN>;
  var biasSum: array<vec4f, OUT>;
  let begin = id.y * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.outRows);
  for (var row = begin; row < end; row++) {
    // Wraps to a large number above the image.
    let inRow = row % uniforms.outHeight * uniforms.strideY + ky * uniforms.dilationY - uniforms.top;
    let isRow = vec4<bool>(inRow < uniforms.inHeight);
    let start = (row / uniforms.outHeight * uniforms.inHeight + min(inRow, uniforms.inHeight - 1)) * rowFloats;
    for (var x4: u32 = 0; x4 * 4 < uniforms.outWidth; x4++) {
      let column = (vec4u(0, 1, 2, 3) + x4 * 4) * uniforms.strideX + kx * uniforms.dilationX - uniforms.left;
      let inside = isRow & (column < vec4u(uniforms.inWidth));
      let near = min(column, vec4u(uniforms.inWidth - 1));
      let place = start + (near >> vec4u(5)) * uniforms.inChannels * 32 + (near & vec4u(31));
      var p: array<vec4f, IN>;
      for (var c: u32 = 0; c < IN; c++) { // unroll
        let source = place + inFloat[c];
        p[c] = select(vec4f(), vec4f(x[source.x], x[source.y], x[source.z], x[source.w]), inside);
      }
      for (var o: u32 = 0; o < OUT; o++) { // unroll
        let d = dy[at(row, x4, group * uniforms.groupOut + min(firstOut + o, lastOut), uniforms.outBlocks, uniforms.outChannels)];
        biasSum[o] += d;
        for (var c: u32 = 0; c < IN; c++) { // unroll
          sum[o * IN + c] += dot(d, p[c]);
        }
      }
    }
  }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    if (firstOut + o < uniforms.groupOut) {
      let out = id.y * uniforms.outChannels + group * uniforms.groupOut + firstOut + o;
      for (var c: u32 = 0; c < IN; c++) { // unroll
        if (firstIn + c < uniforms.groupIn) {
          parts[(out * uniforms.groupIn + firstIn + c) * area + index % area] = sum[o * IN + c];
        }
      }
      // All taps have the same sums of dy: the first one writes them.
      if (index == 0) { biasParts[out] = dot(biasSum[o], vec4f(1)); }
    }
  }
}
