// Softmax of rows: y[r,i] = exp(x[r,i] - m) / s, or with LOG its logarithm x[r,i] - m - log(s), where m is
// the largest element of row r, so that no exponential overflows, and s the sum of exp(x[r,i] - m).
// x and y [rows,length] dense. SHARE invocations, a workgroup, share a row; with SHARE 1 each has its own.
const LOG: bool = false; // whether y is the logarithm
const SHARE: u32 = 64; // invocations per row: 1 where barriers take long, else those of a workgroup
const LANES: u32 = 64; // invocations per workgroup; SHARE if that is above 1

struct Uniforms {
  rows: u32,
  length: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

var<workgroup> shares: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let workgroup = id.x + id.y * count.x;
  // Past the end the last row is computed again: no invocation may leave before a barrier.
  let row = min(select(workgroup, workgroup * LANES + lane, SHARE == 1), uniforms.rows - 1);
  let begin = row * uniforms.length;
  let first = select(lane, 0, SHARE == 1);
  var largest = x[begin + min(first, uniforms.length - 1)];
  for (var i = first; i < uniforms.length; i += SHARE) {
    largest = max(largest, x[begin + i]);
  }
  if (SHARE > 1) {
    shares[lane] = largest;
    workgroupBarrier(); // all is stored before it is read
    for (var i: u32 = 0; i < SHARE; i++) {
      largest = max(largest, shares[i]);
    }
    workgroupBarrier(); // all is read before it is overwritten
  }
  var sum = 0.0;
  for (var i = first; i < uniforms.length; i += SHARE) {
    sum += exp(x[begin + i] - largest);
  }
  if (SHARE > 1) {
    shares[lane] = sum;
    workgroupBarrier(); // all is stored before it is read
    sum = 0.0;
    for (var i: u32 = 0; i < SHARE; i++) {
      sum += shares[i];
    }
  }
  let logarithm = log(sum);
  for (var i = first; i < uniforms.length; i += SHARE) {
    let v = x[begin + i] - largest;
    if (LOG) { y[begin + i] = v - logarithm; } else { y[begin + i] = exp(v) / sum; }
  }
}
