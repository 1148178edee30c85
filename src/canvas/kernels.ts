// The shaders of micrograph/canvas, compiled on a page's device.

import type { Device } from "../gpu/device.js";
import type { Faults } from "../gpu/guard.js";
import {
  canvasDraw,
  canvasHistogram,
  canvasStitch,
  canvasTable,
  canvasTile,
} from "../shaders/canvas.generated.js";
import type { Shader } from "../shaders/shader.js";

const COMPUTE: readonly Shader[] = [canvasHistogram, canvasTable, canvasTile, canvasStitch];

export interface Kernels {
  /** What the GPU refuses of the calls of `micrograph/canvas`. */
  readonly faults: Faults;
  /**
   * Submits one dispatch. Resources are in the order of their bindings, followed by the uniforms.
   */
  dispatch<Resources extends readonly string[]>(
    shader: Shader<string, string, Resources>,
    resources: { readonly [I in keyof Resources]: GPUBindingResource },
    workgroups: readonly [number, number, number],
    uniforms?: RecordValues,
  ): void;
  /** Submits a pass that draws all of `target`, in the format `drawingFormat`. */
  draw(
    target: GPUTextureView,
    whole: GPUBuffer,
    colours: Float32Array<ArrayBuffer>,
    uniforms: RecordValues,
  ): void;
  close(): void;
}

/** The values of a uniform struct in order: integers first, then floats. */
export interface RecordValues {
  readonly whole: readonly number[];
  readonly floats?: readonly number[] | undefined;
}

/**
 * Bytes for the largest struct of uniforms, and for the colours of the largest number of classes.
 */
const RECORD_BYTES = 48;
const COLOUR_BYTES = 256 * 16;

/** Compiles the shaders for drawing in a format. Rejects if one does not compile. */
export async function createKernels(
  { gpu, wait, faults: faultsOf }: Device,
  drawingFormat: GPUTextureFormat,
): Promise<Kernels> {
  const faults = faultsOf("micrograph/canvas");
  const [drawText, ...texts] = await Promise.all(
    [canvasDraw, ...COMPUTE].map((shader) => shader.text()),
  );
  const { computing, drawing } = faults.guard(() => {
    const module = gpu.createShaderModule({ label: canvasDraw.name, code: drawText });
    return {
      computing: COMPUTE.map(({ name: label }, i) =>
        gpu.createComputePipelineAsync({
          label,
          layout: "auto",
          compute: {
            module: gpu.createShaderModule({ label, code: texts[i] }),
            entryPoint: "main",
          },
        }),
      ),
      drawing: gpu.createRenderPipelineAsync({
        label: "canvas-draw",
        layout: "auto",
        vertex: { module, entryPoint: "corner" },
        fragment: { module, entryPoint: "main", targets: [{ format: drawingFormat }] },
      }),
    };
  });
  const [drawn, ...computed] = await wait(Promise.all([drawing, ...computing]));
  const pipelines = new Map(COMPUTE.map((shader, i) => [shader.name, computed[i]]));
  const buffer = (label: string, size: number, usage: number) =>
    faults.guard(() => gpu.createBuffer({ label, size, usage: usage | GPUBufferUsage.COPY_DST }));
  const records = buffer("canvas uniforms", RECORD_BYTES, GPUBufferUsage.UNIFORM);
  const table = buffer("canvas colours", COLOUR_BYTES, GPUBufferUsage.STORAGE);

  function bind(pipeline: GPUPipelineBase, resources: readonly GPUBindingResource[]) {
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    return gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  }

  // A write waits for what was submitted before it, so one uniform buffer serves all passes.
  function write({ whole, floats = [] }: RecordValues): GPUBufferBinding {
    const bytes = new ArrayBuffer(RECORD_BYTES);
    new Int32Array(bytes).set(whole);
    new Float32Array(bytes).set(floats, whole.length);
    gpu.queue.writeBuffer(records, 0, bytes);
    return { buffer: records };
  }

  return {
    faults,
    dispatch: ({ name }, resources, workgroups, uniforms) =>
      faults.guard(() => {
        const pipeline = pipelines.get(name) as GPUComputePipeline;
        const all = uniforms ? [...resources, write(uniforms)] : resources;
        const encoder = gpu.createCommandEncoder({ label: name });
        const pass = encoder.beginComputePass({ label: name });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bind(pipeline, all));
        pass.dispatchWorkgroups(...workgroups);
        pass.end();
        gpu.queue.submit([encoder.finish()]);
      }),
    draw: (view, whole, colours, uniforms) =>
      faults.guard(() => {
        gpu.queue.writeBuffer(table, 0, colours);
        const encoder = gpu.createCommandEncoder({ label: "canvas-draw" });
        const pass = encoder.beginRenderPass({
          label: "canvas-draw",
          colorAttachments: [{ view, loadOp: "clear", storeOp: "store" }],
        });
        pass.setPipeline(drawn);
        pass.setBindGroup(0, bind(drawn, [{ buffer: whole }, { buffer: table }, write(uniforms)]));
        pass.draw(3);
        pass.end();
        gpu.queue.submit([encoder.finish()]);
      }),
    close() {
      records.destroy();
      table.destroy();
    },
  };
}
