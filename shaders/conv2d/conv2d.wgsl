// 2D convolution, stride 1, with bias and activation:
//   y[n,o,i,j] = act(bias[o] + sum over c,ky,kx of weight[o,c,ky,kx] * x[n,c,i+ky-BORDER,j+kx-BORDER])
// x [N,CI,H,W] and y [N,CO,OH,OW] in image order; pixels outside x are 0. weight as
// conv2d-pack-weight writes it: [CO / OUT][CI][KERNEL^2][OUT].
// Direct: one invocation computes 4 pixels x ROWS rows x OUT channels in registers; an iteration of
// its loop reads one input channel. No workgroup memory, no barriers.
const KERNEL: u32 = 3; // side of the kernel, odd
const BORDER: u32 = 0; // zeros around x: 0 valid, (KERNEL - 1) / 2 same, KERNEL - 1 full
const ROWS: u32 = 4; // output rows per invocation
const OUT: u32 = 4; // output channels per invocation, a multiple of 4
const LANES: u32 = 8; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses
const BIAS: bool = true; // whether bias is added; without, the binding is not read
const RELU: bool = false; // activation: max(0, .) or none
const MASK: bool = false; // whether y may be 0 where mask is not above 0; without, mask is not read

const TAPS: u32 = KERNEL * KERNEL; // weights of one pair of channels
const LEFT: u32 = (BORDER + 3) / 4; // groups of 4 pixels read to the left of the output's group
const SHIFT: u32 = LEFT * 4 - BORDER; // position of the first pixel needed in the groups read
const GROUPS: u32 = (SHIFT + KERNEL + 6) / 4; // groups of 4 pixels read per row
const HEIGHT: u32 = ROWS + KERNEL - 1; // rows read

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inGroups: u32, // groups of 4 pixels per row of x
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  masks: u32, // 1 if MASK and y is masked, else 0
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<vec4f>; // like y
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(5) var<uniform> uniforms: Uniforms;

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
  let outGroups = (uniforms.outWidth + 3) / 4;
  let bands = (uniforms.outHeight + ROWS - 1) / ROWS;
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.batch * bands * outGroups) { return; }
  let x4 = index % outGroups;
  let band = index / outGroups;
  let image = band / bands;
  let top = (band % bands) * ROWS;
  let firstOut = id.z * OUT;

  // Position of each group for channel 0, and whether it is inside x.
  var address: array<u32, HEIGHT * GROUPS>;
  var inside: array<bool, HEIGHT * GROUPS>;
  for (var r: u32 = 0; r < HEIGHT; r++) { // unroll
    for (var g: u32 = 0; g < GROUPS; g++) { // unroll
      let row = top + r - BORDER; // wraps to a large number above the image
      let group = x4 + g - LEFT;
      let ok = row < uniforms.inHeight && group < uniforms.inGroups;
      inside[r * GROUPS + g] = ok;
      address[r * GROUPS + g] = select(0, at(image * uniforms.inHeight + row, group, 0, uniforms.inBlocks, uniforms.inChannels), ok);
    }
  }
  var sum: array<vec4f, ROWS * OUT>;
  var tap = id.z * uniforms.inChannels * TAPS * (OUT / 4);
  for (var c: u32 = 0; c < uniforms.inChannels; c++) {
    var p: array<vec4f, HEIGHT * GROUPS>;
    for (var i: u32 = 0; i < HEIGHT * GROUPS; i++) { // unroll
      p[i] = select(vec4f(), x[address[i] + c * 8], inside[i]);
    }
    for (var ky: u32 = 0; ky < KERNEL; ky++) { // unroll
      for (var kx: u32 = 0; kx < KERNEL; kx++) { // unroll
        for (var o4: u32 = 0; o4 < OUT / 4; o4++) { // unroll
          let w = weight[tap + (ky * KERNEL + kx) * (OUT / 4) + o4];
          for (var r: u32 = 0; r < ROWS; r++) { // unroll
            let v = vec4f(
              p[(r + ky) * GROUPS + (SHIFT + kx) / 4][(SHIFT + kx) % 4],
              p[(r + ky) * GROUPS + (SHIFT + kx + 1) / 4][(SHIFT + kx + 1) % 4],
              p[(r + ky) * GROUPS + (SHIFT + kx + 2) / 4][(SHIFT + kx + 2) % 4],
              p[(r + ky) * GROUPS + (SHIFT + kx + 3) / 4][(SHIFT + kx + 3) % 4],
            );
            for (var k: u32 = 0; k < 4; k++) { // unroll
              sum[r * OUT + o4 * 4 + k] = fma(v, vec4f(w[k]), sum[r * OUT + o4 * 4 + k]);
            }
          }
        }
      }
    }
    tap += TAPS * (OUT / 4);
  }

  // Pixels past the right edge are written as 0: the padding rule.
  let column = vec4u(0, 1, 2, 3) + x4 * 4;
  let keep = column < vec4u(uniforms.outWidth);
  // Rows and channels past the end use the values of the last one and write them to its place
  // again: stores without branches compile several times faster on a software adapter.
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      if (r > 0) { sum[r * OUT + o] = select(sum[(r + ROWS - 1) % ROWS * OUT + o], sum[r * OUT + o], top + r < uniforms.outHeight); }
      if (o > 0) { sum[r * OUT + o] = select(sum[r * OUT + (o + OUT - 1) % OUT], sum[r * OUT + o], firstOut + o < uniforms.outChannels); }
      let channel = min(firstOut + o, uniforms.outChannels - 1);
      var value = sum[r * OUT + o];
      if (BIAS) { value += bias[channel]; }
      if (RELU) { value = max(value, vec4f()); }
      let row = image * uniforms.outHeight + min(top + r, uniforms.outHeight - 1);
      let destination = at(row, x4, channel, uniforms.outBlocks, uniforms.outChannels);
      if (MASK && uniforms.masks == 1) { value = select(vec4f(), value, mask[destination] > vec4f()); }
      y[destination] = select(vec4f(), value, keep);
    }
  }
}
