// Up-convolution with any kernel and stride (transposed convolution), without bias:
//   y[n,o,u,v] = sum over c,i,j of weight[c,o,a,b] * x[n,c,i,j], a = u + PADDING - i * STRIDE,
//   b = v + PADDING - j * STRIDE, over the i and j whose a and b lie in the kernel
// x [N,CI,H,W] and y [N,CO,OH,OW] in image order; weight [CI,CO,KERNEL,KERNEL] dense.
// One invocation computes 4 pixels x OUT channels. It gathers: a pixel has (KERNEL / STRIDE)^2 taps.
const OUT: u32 = 4; // output channels per invocation
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  kernel: u32,
  stride: u32,
  padding: u32, // rows and columns that are cut from each side of the result
  taps: u32, // kernel / stride, rounded up: taps of a pixel along a side
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
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
  let groups = (uniforms.outWidth + 3) / 4;
  if (index >= uniforms.batch * uniforms.outHeight * groups) { return; }
  let x4 = index % groups;
  let row = index / groups;
  let image = row / uniforms.outHeight;
  let firstOut = id.z * OUT;
  let lastOut = uniforms.outChannels - 1;
  let u = row % uniforms.outHeight + uniforms.padding;
  let v = vec4u(0, 1, 2, 3) + x4 * 4 + uniforms.padding;
  let area = uniforms.kernel * uniforms.kernel;

  var sum: array<vec4f, OUT>;
  for (var tapRow: u32 = 0; tapRow < uniforms.taps; tapRow++) {
    let a = u % uniforms.stride + tapRow * uniforms.stride;
    let i = u / uniforms.stride - tapRow; // wraps to a large number above the image
    if (a >= uniforms.kernel || i >= uniforms.inHeight) { continue; }
    for (var tapColumn: u32 = 0; tapColumn < uniforms.taps; tapColumn++) {
      let b = v % uniforms.stride + tapColumn * uniforms.stride;
      let j = v / uniforms.stride - tapColumn;
      let inside = (b < vec4u(uniforms.kernel)) & (j < vec4u(uniforms.inWidth));
      let near = min(j, vec4u(uniforms.inWidth - 1));
      let tap = a * uniforms.kernel + min(b, vec4u(uniforms.kernel - 1));
      var source: vec4u;
      for (var k: u32 = 0; k < 4; k++) { // unroll
        source[k] = at(image * uniforms.inHeight + i, near[k] >> 2, 0, uniforms.inBlocks, uniforms.inChannels) * 4 + (near[k] & 3);
      }
      for (var c: u32 = 0; c < uniforms.inChannels; c++) {
        let found = vec4f(x[source.x], x[source.y], x[source.z], x[source.w]);
        let p = select(vec4f(), found, inside);
        for (var o: u32 = 0; o < OUT; o++) { // unroll
          let w = (c * uniforms.outChannels + min(firstOut + o, lastOut)) * area + tap;
          sum[o] = fma(p, vec4f(weight[w.x], weight[w.y], weight[w.z], weight[w.w]), sum[o]);
        }
        source += 32; // the next channel of the block
      }
    }
  }

  // Pixels past the right edge are written as 0: the padding rule. Channels past the end have
  // read the last one, and write it to its place again.
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.outWidth);
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    let channel = min(firstOut + o, lastOut);
    y[at(row, x4, channel, uniforms.outBlocks, uniforms.outChannels)] = select(vec4f(), sum[o], keep);
  }
}
