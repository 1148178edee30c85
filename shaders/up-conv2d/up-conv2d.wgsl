// 2x2 up-convolution with stride 2 (transposed convolution), with bias:
//   y[n,o,2i+a,2j+b] = bias[o] + sum over c of weight[c,o,a,b] * x[n,c,i,j]
// x [N,CI,H,W] and y [N,CO,2H,2W] in image order; weight [CI,CO,2,2] and bias [CO] dense.
// One invocation computes 8 x 2 ROWS pixels x OUT channels in registers.
const ROWS: u32 = 2; // rows of x per invocation
const OUT: u32 = 4; // output channels per invocation
const LANES: u32 = 8; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses
const BIAS: bool = true; // whether bias is added; without, the binding is not read

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  outChannels: u32,
  outBlocks: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // the four taps of [c,o]
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
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
  let bands = (uniforms.inHeight + ROWS - 1) / ROWS;
  if (index >= uniforms.batch * bands * groups) { return; }
  let x4 = index % groups;
  let image = index / groups / bands;
  let top = index / groups % bands * ROWS;
  let firstOut = id.z * OUT;
  let lastOut = uniforms.outChannels - 1;

  var address: array<u32, ROWS>;
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    // Rows past the end read the last one; they are not written.
    let row = image * uniforms.inHeight + min(top + r, uniforms.inHeight - 1);
    address[r] = at(row, x4, 0, uniforms.inBlocks, uniforms.inChannels);
  }
  var sum: array<vec4f, ROWS * OUT * 4>;
  for (var c: u32 = 0; c < uniforms.inChannels; c++) {
    var p: array<vec4f, ROWS>;
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      p[r] = x[address[r] + c * 8];
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      let w = weight[c * uniforms.outChannels + min(firstOut + o, lastOut)];
      for (var r: u32 = 0; r < ROWS; r++) { // unroll
        for (var t: u32 = 0; t < 4; t++) { // unroll
          sum[(r * OUT + o) * 4 + t] = fma(p[r], vec4f(w[t]), sum[(r * OUT + o) * 4 + t]);
        }
      }
    }
  }

  let column = vec4u(0, 1, 2, 3) + x4 * 8;
  let keepLeft = column < vec4u(uniforms.inWidth * 2);
  let keepRight = column + 4 < vec4u(uniforms.inWidth * 2);
  // Rows and channels past the end have read the last one, and write it to its place again; a
  // right group past the end lies in the padding of its block. Stores without branches compile
  // several times faster on a software adapter.
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    let above = (image * uniforms.inHeight + min(top + r, uniforms.inHeight - 1)) * 2;
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      let channel = min(firstOut + o, lastOut);
      var offset = 0.0;
      if (BIAS) { offset = bias[channel]; }
      for (var a: u32 = 0; a < 2; a++) { // unroll
        let even = sum[(r * OUT + o) * 4 + a * 2] + offset;
        let odd = sum[(r * OUT + o) * 4 + a * 2 + 1] + offset;
        let left = at(above + a, x4 * 2, channel, uniforms.outBlocks, uniforms.outChannels);
        y[left] = select(vec4f(), vec4f(even.x, odd.x, even.y, odd.y), keepLeft);
        y[left + 1] = select(vec4f(), vec4f(even.z, odd.z, even.w, odd.w), keepRight);
      }
    }
  }
}
