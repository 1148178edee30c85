// Orders the matrices of a product for matmul-texture: texels of four elements.
// Of a (SIDE 0), four rows: packed[batch][m / 4][k][4]; of b (SIDE 1), four columns: packed[batch][k][n / 4][4].
// k counts the inner dimensions too, whose products are summed. Elements past the end, which fill
// texels, rows of texels and the depth, are 0. A workgroup writes a row of texels, one invocation every
// LANES-th of them.
const SIDE: u32 = 0; // 0: a, 1: b
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  rows: u32, // of texels per batch
  rowTexels: u32,
  batches: u32,
  length: u32, // M or N
  k: u32, // of one matrix
  inners: u32, // matrices whose products are summed
  step: u32, // floats from one row of a, or column of b, to the next
  kStep: u32, // floats to the next along k
  // Sizes and strides of the outer dimensions, outermost first; unused ones have the size 1.
  size0: u32,
  step0: u32,
  size1: u32,
  step1: u32,
  size2: u32,
  step2: u32,
  // The same for the inner dimensions.
  size3: u32,
  step3: u32,
  size4: u32,
  step4: u32,
  size5: u32,
  step5: u32,
}
@group(0) @binding(0) var<storage, read> matrices: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

fn outerOffset(batch: u32) -> u32 {
  let rest = batch / uniforms.size2;
  return rest / uniforms.size1 * uniforms.step0 + rest % uniforms.size1 * uniforms.step1
    + batch % uniforms.size2 * uniforms.step2;
}

fn innerOffset(inner: u32) -> u32 {
  let rest = inner / uniforms.size5;
  return rest / uniforms.size4 * uniforms.step3 + rest % uniforms.size4 * uniforms.step4
    + inner % uniforms.size5 * uniforms.step5;
}

// Four elements along the rows of a, or the columns of b, from the place of the first.
fn four(source: u32, first: u32) -> vec4f {
  var value = vec4f();
  for (var i: u32 = 0; i < 4; i++) { // unroll
    let element = matrices[source + min(first + i, uniforms.length - 1) * uniforms.step];
    value[i] = select(0.0, element, first + i < uniforms.length);
  }
  return value;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  // Workgroups past the last do the work of the last again.
  let line = min(id.x + id.y * count.x, uniforms.batches * uniforms.rows - 1);
  let batch = line / uniforms.rows;
  let row = line % uniforms.rows;
  let outer = outerOffset(batch);
  let depth = uniforms.inners * uniforms.k;
  let texels = line * uniforms.rowTexels;
  if (SIDE == 1) {
    let source = outer + innerOffset(row / uniforms.k) + row % uniforms.k * uniforms.kStep;
    for (var column = lane; column < uniforms.rowTexels; column += LANES) {
      packed[texels + column] = select(vec4f(), four(source, column * 4), row < depth);
    }
    return;
  }
  for (var inner: u32 = 0; inner < uniforms.inners; inner++) {
    let source = outer + innerOffset(inner);
    for (var k = lane; k < uniforms.k; k += LANES) {
      packed[texels + inner * uniforms.k + k] = four(source + k * uniforms.kStep, row * 4);
    }
  }
  for (var column = depth + lane; column < uniforms.rowTexels; column += LANES) {
    packed[texels + column] = vec4f();
  }
}
