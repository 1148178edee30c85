// The adjoint of resize.wgsl: the sum over the pixels of dy to which a pixel of x contributes, in row
// order:
//   dx[n,c,a,b] = sum of dy[n,c,i,j] * weight(i,a) * weight(j,b)
// dx [N,C,H,W] and dy [N,C,H',W'] in image order. One invocation writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of dx, padding included
  channels: u32,
  inHeight: u32, // of dx
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outHeight: u32, // of dy
  outWidth: u32,
  outBlocks: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
// Per pixel of y: pixel a of x, weight of the next; per pixel of x: first pixel of y that takes it
// or its left neighbour, and how many do.
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> columns: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

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

// The weight with which a pixel of y takes pixel a of x, of which there are `size`.
fn weightOf(taken: vec4f, a: u32, size: u32) -> f32 {
  let first = u32(taken.x);
  return select(0.0, 1.0 - taken.y, first == a) + select(0.0, taken.y, min(first + 1, size - 1) == a);
}

fn sumOf(start: u32, a: u32, b: u32, vertical: vec4f) -> f32 {
  let horizontal = columns[b];
  let firstRow = u32(vertical.z);
  let firstColumn = u32(horizontal.z);
  var sum = 0.0;
  for (var i = firstRow; i < firstRow + u32(vertical.w); i++) {
    let line = start + i * uniforms.outBlocks * uniforms.channels * 32;
    var along = 0.0;
    for (var j = firstColumn; j < firstColumn + u32(horizontal.w); j++) {
      let value = dy[line + (j >> 5) * uniforms.channels * 32 + (j & 31)];
      along += value * weightOf(columns[j], b, uniforms.inWidth);
    }
    sum += along * weightOf(rows[i], a, uniforms.inHeight);
  }
  return sum;
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
  let px = (line - row * uniforms.inBlocks) * 32 + (index & 7) * 4;
  if (px >= uniforms.inWidth) { return; }
  let image = quotient(row, uniforms.inHeight);
  let a = row - image * uniforms.inHeight;
  let start = image * uniforms.outHeight * uniforms.outBlocks * uniforms.channels * 32 + c * 32;
  let vertical = rows[a];
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (px + k < uniforms.inWidth) { value[k] = sumOf(start, a, px + k, vertical); }
  }
  dx[index] = value;
}
