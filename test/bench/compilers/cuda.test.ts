import { test } from "uvu";
import * as assert from "uvu/assert";
import { nvidiaCapabilities } from "../../../bench/compilers/capabilities.js";
import { toCuda } from "../../../bench/compilers/cuda.js";
import { CUDA_PRELUDE } from "../../../bench/compilers/cuda-prelude.js";
import { familyOf } from "../../../bench/compilers/families.js";
import { pipelinesOf, sourceOf } from "../../../bench/compilers/pipelines.js";
import { specialise } from "../../../src/gpu/specialise.js";

/** Without the parts that are the same for all kernels, and without empty lines. */
const translated = (wgsl: string) =>
  toCuda(wgsl)
    .replace(CUDA_PRELUDE, "")
    .split("\n")
    .filter((line) => line.trim())
    .join("\n");

const KERNEL = `enable subgroups; enable subgroup_size_control; // Doubles x.
const OUT: u32 = 8; // channels
struct Record {
  count: u32,
  scale: f32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;
var<workgroup> tile: array<f32, OUT * 4>;

fn at(c: u32, pixel: u32) -> u32 {
  return c * record.count + pixel;
}

@compute @workgroup_size(OUT, 1, 1) @subgroup_size(16)
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  var sums: array<f32, 4>;
  var total = 0.0;
  let pair = x[at(id.x, lane)].xy;
  tile[lane] = f32(lane) * 1e-3;
  workgroupBarrier();
  y[lane] = total + pair.x;
}
`;

test("a kernel becomes CUDA: buffers parameters, functions lambdas, sizes launch bounds", () => {
  assert.is(
    translated(KERNEL),
    `constexpr unsigned OUT = 8;
struct Record {
  unsigned count;
  float scale;
};
extern "C" __global__ void __launch_bounds__(OUT, 1, 1) kernel(const vec4f* __restrict__ x, float* __restrict__ y, const Record record) {
  __shared__ float tile[OUT * 4];
  const auto id = vec3u{blockIdx.x, blockIdx.y, blockIdx.z};
  const auto lane = threadIdx.x;
  auto at = [&](unsigned c, unsigned pixel) -> unsigned {
  return c * record.count + pixel;
  };
  float sums[4] = {};
  auto total = 0.0f;
  const auto pair = x[at(id.x, lane)].xy();
  tile[lane] = float(lane) * 1e-3f;
  __syncthreads();
  y[lane] = total + pair.x;
}`,
  );
});

test("what is not translated is refused by its name", () => {
  const using = (line: string) => KERNEL.replace("workgroupBarrier();", line);
  const kernels = {
    subgroupShuffle: using("let other = subgroupShuffle(total, 1u);"),
    textureLoad: using("let texel = textureLoad(image, vec2u(0, 0));"),
    f16: using("let half = f16(total);"),
    mat2x2f: using("var m: mat2x2f;"),
    num_subgroups: KERNEL.replace("@builtin(workgroup_id)", "@builtin(num_subgroups)"),
  };
  for (const [name, wgsl] of Object.entries(kernels)) {
    assert.throws(() => toCuda(wgsl), new RegExp(`${name}.* is not translated to CUDA`));
  }
  assert.throws(() => toCuda("fn helper() {\n}\n"), /has no fn main/);
});

test("all kernels that an NVIDIA GPU runs for a training step are translated", () => {
  const capabilities = nvidiaCapabilities(familyOf("sm_90"), []);
  const pipelines = pipelinesOf(capabilities, { width: 16, tile: 188 }, { all: false, only: "" });
  assert.ok(pipelines.length > 10, `${pipelines.length}`);
  for (const { shader, constants, packed } of pipelines) {
    const cuda = toCuda(specialise(shader, sourceOf(shader, undefined), constants, packed));
    assert.match(cuda, / kernel\(const /);
    assert.not.match(cuda.replace(CUDA_PRELUDE, ""), /@|\bvec[234]<|\blet |\bvar /);
  }
});

test.run();
