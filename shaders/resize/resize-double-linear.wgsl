// Doubles rows and columns of images by linear interpolation between the centres of pixels: along an axis
//   y[2a] = x[a-1] / 4 + x[a] * 3/4;  y[2a+1] = x[a] * 3/4 + x[a+1] / 4
// where pixels outside are those of the edge. x [N,C,H,W] and y [N,C,2H,2W] in image order. One invocation
// writes the sixteen pixels of y that lie in four pixels of x.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of x, padding included
  channels: u32,
  inHeight: u32, // of x
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outBlocks: u32, // of y
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
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

// Six pixels of a row: those of a group and its neighbours.
fn around(row: u32, x4: u32, c: u32) -> array<f32, 6> {
  let start = row * uniforms.inBlocks;
  let last = uniforms.inBlocks * 8 - 1;
  let left = select(x4, x4 - 1, x4 > 0);
  let right = min(x4 + 1, last);
  let own = x[((start + (x4 >> 3)) * uniforms.channels + c) * 8 + (x4 & 7)];
  let before = x[((start + (left >> 3)) * uniforms.channels + c) * 8 + (left & 7)].w;
  let after = x[((start + (right >> 3)) * uniforms.channels + c) * 8 + (right & 7)].x;
  var p = array<f32, 6>(select(own.x, before, x4 > 0), own.x, own.y, own.z, own.w, after);
  for (var k: u32 = 0; k < 4; k++) { // unroll
    p[k + 2] = select(p[k + 1], p[k + 2], x4 * 4 + k + 1 < uniforms.inWidth);
  }
  return p;
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
  let own = around(row, x4, c);
  let above = around(select(row, row - 1, a > 0), x4, c);
  let below = around(select(row, row + 1, a + 1 < uniforms.inHeight), x4, c);
  for (var r: u32 = 0; r < 2; r++) { // unroll
    var mixed: array<f32, 6>;
    for (var k: u32 = 0; k < 6; k++) { // unroll
      mixed[k] = 0.75 * own[k] + 0.25 * select(above[k], below[k], r == 1);
    }
    // Images have an even number of rows in y, so that they need not be counted.
    let start = (row * 2 + r) * uniforms.outBlocks;
    for (var h: u32 = 0; h < 2; h++) { // unroll
      let y4 = x4 * 2 + h;
      if (y4 * 2 < uniforms.inWidth) {
        let b = h * 2;
        let value = vec4f(
          0.25 * mixed[b] + 0.75 * mixed[b + 1],
          0.75 * mixed[b + 1] + 0.25 * mixed[b + 2],
          0.25 * mixed[b + 1] + 0.75 * mixed[b + 2],
          0.75 * mixed[b + 2] + 0.25 * mixed[b + 3],
        );
        let keep = vec4u(0, 1, 2, 3) + y4 * 4 < vec4u(uniforms.inWidth * 2);
        y[((start + (y4 >> 3)) * uniforms.channels + c) * 8 + (y4 & 7)] = select(vec4f(), value, keep);
      }
    }
  }
}
