// Gradient of the input of a 2x2 up-convolution:
//   dx[n,c,i,j] = sum over o,a,b of weight[c,o,a,b] * dy[n,o,2i+a,2j+b]
// dy [N,CO,2H,2W] and dx [N,CI,H,W] in image order; weight [CI,CO,2,2] dense. One invocation
// computes 4 pixels x IN channels.
const IN: u32 = 8; // channels of dx per invocation
const LANES: u32 = 8; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses
const MASK: bool = false; // whether dx is 0 where mask is not above 0; without, mask is not read

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of dx
  outChannels: u32,
  outBlocks: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // the four taps of [c,o]
@group(0) @binding(2) var<storage, read> mask: array<vec4f>; // like dx
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let groups = (uniforms.inWidth + 3) / 4;
  if (index >= uniforms.batch * uniforms.inHeight * groups) { return; }
  let x4 = index % groups;
  let row = index / groups;
  let firstIn = id.z * IN;
  let lastIn = uniforms.inChannels - 1;
  let right = x4 * 8 + 4 < uniforms.inWidth * 2; // whether the right group of dy exists
  let stride = uniforms.outBlocks * uniforms.outChannels * 8;

  var sum: array<vec4f, IN>;
  var above = at(row * 2, x4 * 2, 0, uniforms.outBlocks, uniforms.outChannels);
  for (var o: u32 = 0; o < uniforms.outChannels; o++) {
    var tap: array<vec4f, 4>; // the pixels of dy under each tap
    for (var a: u32 = 0; a < 2; a++) { // unroll
      let p = dy[above + a * stride];
      let q = select(vec4f(), dy[above + a * stride + 1], right);
      tap[a * 2] = vec4f(p.x, p.z, q.x, q.z);
      tap[a * 2 + 1] = vec4f(p.y, p.w, q.y, q.w);
    }
    for (var c: u32 = 0; c < IN; c++) { // unroll
      let w = weight[min(firstIn + c, lastIn) * uniforms.outChannels + o];
      for (var t: u32 = 0; t < 4; t++) { // unroll
        sum[c] = fma(tap[t], vec4f(w[t]), sum[c]);
      }
    }
    above += 8;
  }
  // dy is 0 past its width, so that dx is 0 past its own. Channels past the end have read the last
  // one and write it to its place again: stores without branches compile faster.
  for (var c: u32 = 0; c < IN; c++) { // unroll
    let destination = at(row, x4, min(firstIn + c, lastIn), uniforms.inBlocks, uniforms.inChannels);
    if (MASK) { sum[c] = select(vec4f(), sum[c], mask[destination] > vec4f()); }
    dx[destination] = sum[c];
  }
}
