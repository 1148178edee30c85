// Gradient of the weight of an up-convolution with any kernel and stride, first stage: partial sums
// over ranges of rows.
//   parts[s,c,o,a,b] = sum over the rows of split s of
//     x[n,c,i,j] * dy[n,o,i*STRIDE+a-PADDING,j*STRIDE+b-PADDING]
// x [N,CI,H,W] and dy [N,CO,OH,OW] in image order, dy being 0 outside; parts dense. `sum-splits` adds
// the splits. One invocation computes the sums of one tap of one output channel for IN input channels.
const IN: u32 = 4; // input channels per invocation
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  inChannels: u32,
  inHeight: u32,
  inRows: u32, // images times height of x
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  kernel: u32,
  stride: u32,
  padding: u32, // rows and columns of the result that dy lacks at each side
  rowsPerSplit: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let area = uniforms.kernel * uniforms.kernel;
  let index = id.x * LANES + lane;
  if (index >= uniforms.outChannels * area) { return; }
  let o = index / area;
  let a = index % area / uniforms.kernel;
  let b = index % uniforms.kernel; // area is a multiple of the kernel's side
  let firstIn = id.z * IN;
  let lastIn = uniforms.inChannels - 1;

  var sum: array<f32, IN>;
  let begin = id.y * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.inRows);
  for (var row = begin; row < end; row++) {
    let u = row % uniforms.inHeight * uniforms.stride + a - uniforms.padding; // wraps above dy
    if (u >= uniforms.outHeight) { continue; }
    let outRow = row / uniforms.inHeight * uniforms.outHeight + u;
    for (var x4: u32 = 0; x4 * 4 < uniforms.inWidth; x4++) {
      let v = (vec4u(0, 1, 2, 3) + x4 * 4) * uniforms.stride + b - uniforms.padding;
      let near = min(v, vec4u(uniforms.outWidth - 1));
      var found: vec4f;
      for (var k: u32 = 0; k < 4; k++) { // unroll
        found[k] = dy[at(outRow, near[k] >> 2, o, uniforms.outBlocks, uniforms.outChannels) * 4 + (near[k] & 3)];
      }
      let d = select(vec4f(), found, v < vec4u(uniforms.outWidth));
      for (var c: u32 = 0; c < IN; c++) { // unroll
        sum[c] += dot(d, x[at(row, x4, min(firstIn + c, lastIn), uniforms.inBlocks, uniforms.inChannels)]);
      }
    }
  }
  for (var c: u32 = 0; c < IN; c++) { // unroll
    if (firstIn + c < uniforms.inChannels) {
      parts[(id.y * uniforms.inChannels + firstIn + c) * uniforms.outChannels * area + index] = sum[c];
    }
  }
}
