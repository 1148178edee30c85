// Matrix products for adapters on processors, whose subgroups have LANES invocations: `matmul`
// without workgroup memory.
//   y[batch,m,n] = bias[n] + sum over inner,k of a[offset + m*aM + k*aK] * b[offset + k*bK + n*bN]
// batch counts the outer dimensions; the inner ones are summed. The offsets are sums of their
// indices times strides. y dense [batch,M,N].
// The workgroup is one subgroup with all lanes active. An invocation computes ROWS rows x COLUMNS
// columns, which are LANES apart. An iteration takes LANES elements along k: each lane loads one
// column of a, and subgroupShuffle distributes it.
enable subgroups;
const ROWS: u32 = 16; // rows per invocation
const COLUMNS: u32 = 4; // columns per invocation
const LANES: u32 = 8; // invocations per workgroup: 4, 8 or 16

// shared 1 of matmul
struct Uniforms {
  m: u32,
  n: u32,
  k: u32,
  aM: u32, // strides
  aK: u32,
  bK: u32,
  bN: u32,
  batches: u32, // the product of the outer sizes
  inners: u32, // the product of the inner sizes
  biases: u32, // 1 if bias is added; else it is not read
  // Sizes and strides of the outer dimensions, outermost first; unused ones have the size 1.
  size0: u32,
  a0: u32,
  b0: u32,
  size1: u32,
  a1: u32,
  b1: u32,
  size2: u32,
  a2: u32,
  b2: u32,
  // The same for the inner dimensions.
  size3: u32,
  a3: u32,
  b3: u32,
  size4: u32,
  a4: u32,
  b4: u32,
  size5: u32,
  a5: u32,
  b5: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;
// end

// shared 2 of matmul
// Where the matrices of a and b begin.
fn outerOffset(batch: u32) -> vec2u {
  let last = batch % uniforms.size2;
  let rest = batch / uniforms.size2;
  return rest / uniforms.size1 * vec2u(uniforms.a0, uniforms.b0)
    + rest % uniforms.size1 * vec2u(uniforms.a1, uniforms.b1) + last * vec2u(uniforms.a2, uniforms.b2);
}

fn innerOffset(inner: u32) -> vec2u {
  let last = inner % uniforms.size5;
  let rest = inner / uniforms.size5;
  return rest / uniforms.size4 * vec2u(uniforms.a3, uniforms.b3)
    + rest % uniforms.size4 * vec2u(uniforms.a4, uniforms.b4) + last * vec2u(uniforms.a5, uniforms.b5);
}
// end

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let tilesN = (uniforms.n + COLUMNS * LANES - 1) / (COLUMNS * LANES);
  let tiles = tilesN * ((uniforms.m + ROWS - 1) / ROWS);
  // Workgroups past the last do the work of the last again.
  let item = min(id.x + id.y * count.x, tiles * uniforms.batches - 1);
  let batch = item / tiles;
  let firstM = item % tiles / tilesN * ROWS;
  let firstN = item % tiles % tilesN * COLUMNS * LANES + lane;
  let outer = outerOffset(batch);
  // Rows and columns past the end read the last ones; they are not written.
  var rowA: array<u32, ROWS>;
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    rowA[r] = min(firstM + r, uniforms.m - 1) * uniforms.aM;
  }
  var columnB: array<u32, COLUMNS>;
  for (var c: u32 = 0; c < COLUMNS; c++) { // unroll
    columnB[c] = min(firstN + c * LANES, uniforms.n - 1) * uniforms.bN;
  }
  var sum: array<f32, ROWS * COLUMNS>;
  for (var inner: u32 = 0; inner < uniforms.inners; inner++) {
    let offset = outer + innerOffset(inner);
    for (var k: u32 = 0; k < uniforms.k; k += LANES) {
      let own = offset.x + min(k + lane, uniforms.k - 1) * uniforms.aK;
      let isOwn = k + lane < uniforms.k;
      var av: array<f32, ROWS>;
      for (var r: u32 = 0; r < ROWS; r++) { // unroll
        av[r] = select(0.0, a[own + rowA[r]], isOwn);
      }
      for (var d: u32 = 0; d < LANES; d++) { // unroll
        let rowB = offset.y + min(k + d, uniforms.k - 1) * uniforms.bK;
        var bv: array<f32, COLUMNS>;
        for (var c: u32 = 0; c < COLUMNS; c++) { // unroll
          bv[c] = select(0.0, b[rowB + columnB[c]], k + d < uniforms.k);
        }
        for (var r: u32 = 0; r < ROWS; r++) { // unroll
          let w = subgroupShuffle(av[r], d);
          for (var c: u32 = 0; c < COLUMNS; c++) { // unroll
            sum[r * COLUMNS + c] = fma(w, bv[c], sum[r * COLUMNS + c]);
          }
        }
      }
    }
  }
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    for (var c: u32 = 0; c < COLUMNS; c++) { // unroll
      let n = firstN + c * LANES;
      if (firstM + r < uniforms.m && n < uniforms.n) {
        y[(batch * uniforms.m + firstM + r) * uniforms.n + n] = sum[r * COLUMNS + c] + select(0.0, bias[n * uniforms.biases], uniforms.biases == 1);
      }
    }
  }
}
