// The adjoint of resize-double-linear.wgsl: along an axis
//   dx[a] = (dy[2a] + dy[2a+1]) * 3/4 + (dy[2a-1] + dy[2a+2]) / 4
// where pixels outside are those of the edge. dx [N,C,H,W] and dy [N,C,2H,2W] in image order. One invocation
// writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of dx, padding included
  channels: u32,
  inHeight: u32, // of dx
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outBlocks: u32, // of dy
}
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1 of rearrange
// a / b for a < 2^31. A CPU divides the integers of a vector one by one, so this is done in floats:
// an estimate, the estimate of the rest, and a correction by one.
fn quotient(a: u32, b: u32) -> u32 {
  let inverse = 1.0 / f32(b);
  let near = i32(f32(a) * inverse);
  let rest = i32(a) - near * i32(b);
  let more = i32(floor(f32(rest) * inverse));
  let left = rest - more * i32(b);
  return u32(near + more + select(0, 1, left >= i32(b)) - select(0, 1, left < 0));
}
// end

// The group y4 of four rows of dy, of which `row` is the second, added up.
fn summed(row: u32, above: u32, below: u32, y4: u32, c: u32) -> vec4f {
  let group = min(y4, uniforms.outBlocks * 8 - 1);
  let place = ((group >> 3) * uniforms.channels + c) * 8 + (group & 7);
  let pitch = uniforms.outBlocks * uniforms.channels * 8;
  let near = dy[row * pitch + place] + dy[(row + 1) * pitch + place];
  return 0.75 * near + 0.25 * (dy[above * pitch + place] + dy[below * pitch + place]);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let block = index >> 3;
  let line = quotient(block, uniforms.channels);
  let c = block - line * uniforms.channels;
  let row = quotient(line, uniforms.inBlocks);
  let x4 = (line - row * uniforms.inBlocks) * 8 + (index & 7);
  if (x4 * 4 >= uniforms.inWidth) { return; }
  let image = quotient(row, uniforms.inHeight);
  let a = row - image * uniforms.inHeight;
  let first = row * 2; // images have an even number of rows in dy
  let above = select(first, first - 1, a > 0);
  let below = select(first + 1, first + 2, a + 1 < uniforms.inHeight);
  // Ten columns, from the one before those of the four pixels.
  var d: array<f32, 10>;
  let left = summed(first, above, below, select(0, x4 * 2 - 1, x4 > 0), c);
  let right = summed(first, above, below, x4 * 2 + 2, c);
  for (var h: u32 = 0; h < 2; h++) { // unroll
    let own = summed(first, above, below, x4 * 2 + h, c);
    for (var k: u32 = 0; k < 4; k++) { // unroll
      d[h * 4 + k + 1] = own[k];
    }
  }
  d[0] = select(d[1], left.w, x4 > 0);
  d[9] = right.x;
  for (var k: u32 = 0; k < 8; k++) { // unroll
    d[k + 2] = select(d[k + 1], d[k + 2], x4 * 8 + k + 1 < uniforms.inWidth * 2);
  }
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let sum = 0.75 * (d[k * 2 + 1] + d[k * 2 + 2]) + 0.25 * (d[k * 2] + d[k * 2 + 3]);
    value[k] = select(0.0, sum, x4 * 4 + k < uniforms.inWidth);
  }
  dx[index] = value;
}
