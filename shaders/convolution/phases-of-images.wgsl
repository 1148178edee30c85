// The inverse of images-of-phases: the images of the phases become one image again,
//   y[n,c,u,v] = x[(n*STEPY + (u+top)%STEPY)*STEPX + (v+left)%STEPX,c,(u+top)/STEPY,(v+left)/STEPX]
// x [N*STEPY*STEPX,C,HX,WX] and y [N,C,H,W] in image order. One invocation writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  firstRow: u32, // of the dispatch, counted over all images of y
  channels: u32,
  height: u32, // of y
  width: u32,
  blocks: u32, // blocks of 32 pixels per row of y
  inHeight: u32, // of x
  inBlocks: u32,
  stepY: u32,
  stepX: u32,
  top: u32,
  left: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1 of images-of-phases
// v / step for v below 2^22. A division of integers takes many times as long on a processor.
fn quotient(v: u32, step: u32) -> u32 {
  return u32((f32(v) + 0.5) / f32(step));
}
// end

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let item = id.x * LANES + lane;
  let c = item >> 3;
  let row = uniforms.firstRow + id.y;
  let x4 = id.z * 8 + (item & 7);
  if (c >= uniforms.channels || x4 * 4 >= uniforms.width) { return; }
  let index = ((row * uniforms.blocks + id.z) * uniforms.channels + c) * 8 + (item & 7);
  let image = quotient(row, uniforms.height);
  let u = row - image * uniforms.height + uniforms.top;
  let inRow = quotient(u, uniforms.stepY);
  let images = (image * uniforms.stepY + u - inRow * uniforms.stepY) * uniforms.stepX;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (x4 * 4 + k < uniforms.width) {
      let v = x4 * 4 + k + uniforms.left;
      let column = quotient(v, uniforms.stepX);
      let source = (images + v - column * uniforms.stepX) * uniforms.inHeight + inRow;
      value[k] = x[((source * uniforms.inBlocks + (column >> 5)) * uniforms.channels + c) * 32 + (column & 31)];
    }
  }
  y[index] = value;
}
