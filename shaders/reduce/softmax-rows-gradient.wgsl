// Gradient of the softmax of rows: dx[r,i] = y[r,i] * (dy[r,i] - t) with t the sum of y[r,i] * dy[r,i]; with
// LOG, where y is the logarithm of the softmax, dx[r,i] = dy[r,i] - exp(y[r,i]) * t with t the sum of dy[r,i].
// y, dy and dx [rows,length] dense. SHARE invocations, a workgroup, share a row; with SHARE 1 each has its
// own.
const LOG: bool = false; // whether y is the logarithm
const SHARE: u32 = 64; // invocations per row: 1 where barriers take long, else those of a workgroup
const LANES: u32 = 64; // invocations per workgroup; SHARE if that is above 1

struct Uniforms {
  rows: u32,
  length: u32,
}
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

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
  var total = 0.0;
  for (var i = first; i < uniforms.length; i += SHARE) {
    if (LOG) { total += dy[begin + i]; } else { total = fma(y[begin + i], dy[begin + i], total); }
  }
  if (SHARE > 1) {
    shares[lane] = total;
    workgroupBarrier(); // all is stored before it is read
    total = 0.0;
    for (var i: u32 = 0; i < SHARE; i++) {
      total += shares[i];
    }
  }
  for (var i = first; i < uniforms.length; i += SHARE) {
    if (LOG) {
      dx[begin + i] = fma(-exp(y[begin + i]), total, dy[begin + i]);
    } else {
      dx[begin + i] = y[begin + i] * (dy[begin + i] - total);
    }
  }
}
