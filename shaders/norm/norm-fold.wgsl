// Folds a batch norm with running averages into the convolution before it: with
// f[o] = gain[o] / sqrt(variance[o] + epsilon) for output channel o,
//   foldedWeight = weight * f[o];  foldedBias[o] = (bias[o] - mean[o]) * f[o] + shift[o]
// All dense: weight [O, ...] of a convolution, [I, O, ...] of a transposed one. One invocation does one
// element of the weight, or of the bias.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32, // elements of the weight
  channels: u32, // O
  perChannel: u32, // neighbouring elements of the weight that have one output channel
  hasBias: u32, // 0 or 1; without, bias is not read; the same for gain and shift
  hasGain: u32,
  hasShift: u32,
  epsilon: f32,
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> shift: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> variance: array<f32>;
@group(0) @binding(6) var<storage, read_write> foldedWeight: array<f32>;
@group(0) @binding(7) var<storage, read_write> foldedBias: array<f32>;
@group(0) @binding(8) var<uniform> uniforms: Uniforms;

fn factorOf(o: u32) -> f32 {
  let inverse = 1.0 / sqrt(variance[o] + uniforms.epsilon);
  if (uniforms.hasGain == 0) { return inverse; }
  return gain[o] * inverse;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index < uniforms.count) {
    foldedWeight[index] = weight[index] * factorOf(index / uniforms.perChannel % uniforms.channels);
    return;
  }
  let o = index - uniforms.count;
  if (o >= uniforms.channels) { return; }
  var own = -mean[o];
  if (uniforms.hasBias != 0) { own += bias[o]; }
  var moved = own * factorOf(o);
  if (uniforms.hasShift != 0) { moved += shift[o]; }
  foldedBias[o] = moved;
}
