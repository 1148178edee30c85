// Gradient of the input of an up-convolution with any kernel and stride: a convolution with stride.
//   dx[n,c,i,j] = sum over o,a,b of weight[c,o,a,b] * dy[n,o,i*STRIDE+a-PADDING,j*STRIDE+b-PADDING]
// dy [N,CO,OH,OW] and dx [N,CI,H,W] in image order, dy being 0 outside; weight
// [CI,CO,KERNEL,KERNEL] dense. One invocation computes 4 pixels x IN channels.
const IN: u32 = 4; // channels of dx per invocation
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of dx
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  kernel: u32,
  stride: u32,
  padding: u32, // rows and columns of the result that dy lacks at each side
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

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
  let image = row / uniforms.inHeight;
  let firstIn = id.z * IN;
  let lastIn = uniforms.inChannels - 1;
  let top = row % uniforms.inHeight * uniforms.stride - uniforms.padding; // may wrap
  let left = (vec4u(0, 1, 2, 3) + x4 * 4) * uniforms.stride - uniforms.padding;
  let area = uniforms.kernel * uniforms.kernel;

  var sum: array<vec4f, IN>;
  for (var a: u32 = 0; a < uniforms.kernel; a++) {
    let u = top + a; // wraps to a large number above dy
    if (u >= uniforms.outHeight) { continue; }
    for (var b: u32 = 0; b < uniforms.kernel; b++) {
      let v = left + b;
      let inside = v < vec4u(uniforms.outWidth);
      let near = min(v, vec4u(uniforms.outWidth - 1));
      var source: vec4u;
      for (var k: u32 = 0; k < 4; k++) { // unroll
        source[k] = at(image * uniforms.outHeight + u, near[k] >> 2, 0, uniforms.outBlocks, uniforms.outChannels) * 4 + (near[k] & 3);
      }
      for (var o: u32 = 0; o < uniforms.outChannels; o++) {
        let found = vec4f(dy[source.x], dy[source.y], dy[source.z], dy[source.w]);
        let d = select(vec4f(), found, inside);
        for (var c: u32 = 0; c < IN; c++) { // unroll
          let w = (min(firstIn + c, lastIn) * uniforms.outChannels + o) * area + a * uniforms.kernel + b;
          sum[c] = fma(d, vec4f(weight[w]), sum[c]);
        }
        source += 32; // the next channel of the block
      }
    }
  }

  // Pixels past the right edge are written as 0: the padding rule. Channels past the end have
  // read the last one, and write it to its place again.
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.inWidth);
  for (var c: u32 = 0; c < IN; c++) { // unroll
    let channel = min(firstIn + c, lastIn);
    dx[at(row, x4, channel, uniforms.inBlocks, uniforms.inChannels)] = select(vec4f(), sum[c], keep);
  }
}
