// The adjoint of resize.wgsl: the sum over the pixels of dy to which a pixel of x contributes, column
// by column:
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
// Four numbers per pixel. Of y: pixel a of x, weight of the next; of x: first pixel of y that takes it
// or its left neighbour, and how many do.
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<f32>;
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

// The weight with which a pixel of y, which takes `first` and w of the next, takes pixel a of x, of
// which there are `size`.
fn weightOf(first: u32, w: f32, a: u32, size: u32) -> f32 {
  return select(0.0, 1.0 - w, first == a) + select(0.0, w, min(first + 1, size - 1) == a);
}

fn sumOf(start: u32, a: u32, b: u32, firstRow: u32, endRow: u32) -> f32 {
  let firstColumn = u32(columns[b * 4 + 2]);
  let endColumn = firstColumn + u32(columns[b * 4 + 3]);
  let pitch = uniforms.channels * 32;
  var sum = 0.0;
  for (var j = firstColumn; j < endColumn; j++) {
    var along = 0.0;
    for (var i = firstRow; i < endRow; i++) {
      let value = dy[start + (i * uniforms.outBlocks + (j >> 5)) * pitch + (j & 31)];
      along += value * weightOf(u32(rows[i * 4]), rows[i * 4 + 1], a, uniforms.inHeight);
    }
    sum += along * weightOf(u32(columns[j * 4]), columns[j * 4 + 1], b, uniforms.inWidth);
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
  let firstRow = u32(rows[a * 4 + 2]);
  let endRow = firstRow + u32(rows[a * 4 + 3]);
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (px + k < uniforms.inWidth) { value[k] = sumOf(start, a, px + k, firstRow, endRow); }
  }
  dx[index] = value;
}
