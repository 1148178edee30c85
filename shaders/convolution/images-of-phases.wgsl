// Makes an image of each phase of the pixels, so that a dilated convolution becomes a plain one:
//   y[(n*STEPY + p)*STEPX + q,c,i,j] = x[n,c,p+i*STEPY-top,q+j*STEPX-left], 0 outside x
// x [N,C,HX,WX] and y [N*STEPY*STEPX,C,H,W] in image order, p < STEPY, q < STEPX. One invocation
// writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  firstRow: u32, // of the dispatch, counted over all images of y
  channels: u32,
  height: u32, // of y
  width: u32,
  blocks: u32, // blocks of 32 pixels per row of y
  inHeight: u32, // of x
  inWidth: u32,
  inBlocks: u32,
  stepY: u32,
  stepX: u32,
  top: u32,
  left: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1
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
  let phases = quotient(image, uniforms.stepX);
  let phaseX = image - phases * uniforms.stepX;
  let source = quotient(phases, uniforms.stepY);
  let phaseY = phases - source * uniforms.stepY;
  // Both wrap to large numbers above and to the left of x.
  let inRow = (row - image * uniforms.height) * uniforms.stepY + phaseY - uniforms.top;
  let inLine = (source * uniforms.inHeight + inRow) * uniforms.inBlocks;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let column = (x4 * 4 + k) * uniforms.stepX + phaseX - uniforms.left;
    if (inRow < uniforms.inHeight && column < uniforms.inWidth && x4 * 4 + k < uniforms.width) {
      value[k] = x[((inLine + (column >> 5)) * uniforms.channels + c) * 32 + (column & 31)];
    }
  }
  y[index] = value;
}
