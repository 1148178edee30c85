// Gradient of the weight of a 2x2 up-convolution and of its bias, first stage: partial sums over
// ranges of rows.
//   parts[s,c,o,a,b] = sum over the rows of split s of x[n,c,i,j] * dy[n,o,2i+a,2j+b]
//   biasParts[s,o] = sum over the same rows and a, b of dy[n,o,2i+a,2j+b]
// x [N,CI,H,W] and dy [N,CO,2H,2W] in image order; parts dense. `sum-splits` adds the splits.
// One invocation computes IN x OUT x 4 sums in registers.
const OUT: u32 = 2; // output channels per invocation
const IN: u32 = 4; // input channels per invocation
const LANES: u32 = 8; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses

struct Uniforms {
  inChannels: u32,
  inRows: u32, // images times height of x
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  outChannels: u32,
  outBlocks: u32,
  rowsPerSplit: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>; // the four taps of [s,c,o]
@group(0) @binding(3) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let outTiles = (uniforms.outChannels + OUT - 1) / OUT;
  let index = id.x * LANES + lane;
  if (index >= (uniforms.inChannels + IN - 1) / IN * outTiles) { return; }
  let firstOut = index % outTiles * OUT;
  let firstIn = index / outTiles * IN;
  // Channels past the end read the last one; their sums are not written.
  let lastOut = uniforms.outChannels - 1;
  let lastIn = uniforms.inChannels - 1;
  let stride = uniforms.outBlocks * uniforms.outChannels * 8;

  var sum: array<f32, IN * OUT * 4>;
  var biasSum: array<vec4f, OUT>;
  let begin = id.y * uniforms.rowsPerSplit;
  let end = min(begin + uniforms.rowsPerSplit, uniforms.inRows);
  for (var row = begin; row < end; row++) {
    for (var x4: u32 = 0; x4 * 4 < uniforms.inWidth; x4++) {
      let right = x4 * 8 + 4 < uniforms.inWidth * 2; // whether the right group of dy exists
      var p: array<vec4f, IN>;
      for (var c: u32 = 0; c < IN; c++) { // unroll
        p[c] = x[at(row, x4, min(firstIn + c, lastIn), uniforms.inBlocks, uniforms.inChannels)];
      }
      for (var o: u32 = 0; o < OUT; o++) { // unroll
        let above = at(row * 2, x4 * 2, min(firstOut + o, lastOut), uniforms.outBlocks, uniforms.outChannels);
        for (var a: u32 = 0; a < 2; a++) { // unroll
          let d = dy[above + a * stride];
          let e = select(vec4f(), dy[above + a * stride + 1], right);
          let even = vec4f(d.x, d.z, e.x, e.z);
          let odd = vec4f(d.y, d.w, e.y, e.w);
          biasSum[o] += even + odd;
          for (var c: u32 = 0; c < IN; c++) { // unroll
            sum[(c * OUT + o) * 4 + a * 2] += dot(p[c], even);
            sum[(c * OUT + o) * 4 + a * 2 + 1] += dot(p[c], odd);
          }
        }
      }
    }
  }
  for (var c: u32 = 0; c < IN; c++) { // unroll
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      if (firstIn + c < uniforms.inChannels && firstOut + o < uniforms.outChannels) {
        parts[(id.y * uniforms.inChannels + firstIn + c) * uniforms.outChannels + firstOut + o] = vec4f(
          sum[(c * OUT + o) * 4],
          sum[(c * OUT + o) * 4 + 1],
          sum[(c * OUT + o) * 4 + 2],
          sum[(c * OUT + o) * 4 + 3],
        );
      }
    }
  }
  // All tiles of input channels have the same sums of dy: the first one writes them.
  if (firstIn > 0) { return; }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    if (firstOut + o < uniforms.outChannels) {
      biasParts[id.y * uniforms.outChannels + firstOut + o] = dot(biasSum[o], vec4f(1.0));
    }
  }
}
