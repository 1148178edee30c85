// 2x2 max-pooling with stride 2: y[n,c,i,j] = max of x[n,c,2i..2i+1,2j..2j+1].
// x [N,C,H,W] and y [N,C,floor(H/2),floor(W/2)] in image order. One invocation does four pixels
// of y.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  firstRow: u32, // of all images' rows of y that the dispatch does
  channels: u32,
  inHeight: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // A workgroup does 8 channels of a block: divisions would cost as much as the loads.
  let c = id.x * (LANES / 8) + (lane >> 3);
  let row = id.y + uniforms.firstRow;
  let x4 = id.z * 8 + (lane & 7);
  if (c >= uniforms.channels || x4 * 4 >= uniforms.outWidth) { return; }
  let top = row / uniforms.outHeight * uniforms.inHeight + row % uniforms.outHeight * 2;
  let left = at(top, x4 * 2, c, uniforms.inBlocks, uniforms.channels);
  let below = left + uniforms.inBlocks * uniforms.channels * 8;
  // The next group is a neighbour: x4 * 2 is even. Where it lies past W it is not kept.
  let p = max(x[left], x[below]);
  let q = max(x[left + 1], x[below + 1]);
  let value = max(vec4f(p.x, p.z, q.x, q.z), vec4f(p.y, p.w, q.y, q.w));
  let column = vec4u(0, 1, 2, 3) + x4 * 4;
  y[at(row, x4, c, uniforms.outBlocks, uniforms.channels)] = select(vec4f(), value, column < vec4u(uniforms.outWidth));
}
