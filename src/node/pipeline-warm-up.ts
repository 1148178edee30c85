// Compiles machine code ahead of the first dispatch. Mesa's CPU driver, llvmpipe, translates a
// pipeline when it is first dispatched, one after the other: for a training step this takes six
// seconds in which a core is idle. Here each pipeline is dispatched with no workgroups as soon as
// it is created, and if that takes long, a second device translates others in parallel: the driver
// stores machine code in its shader cache, where the first device finds it.

import type { MadePipeline, WarmUp } from "../gpu/pipelines.js";

/** Translates one pipeline on a separate device. */
export interface WarmUpDevice {
  translate(made: MadePipeline): Promise<void>;
  close(): void;
}

/** A translation that takes longer, in milliseconds, was not in the shader cache. */
const LONG_MS = 200;

/**
 * Translates with `first`, and with `openSecond` while there is more to do and a translation takes
 * longer than `longMs`. Failures are reported where the pipeline is used.
 */
export function warmUpBy(
  first: WarmUpDevice,
  openSecond: () => Promise<WarmUpDevice>,
  longMs: number = LONG_MS,
): WarmUp {
  const waiting: { readonly made: MadePipeline; done(): void }[] = [];
  let isFirstBusy = false;
  let isSecondBusy = false;
  const drain = async (lane: WarmUpDevice, onBegin?: () => () => void) => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const end = onBegin?.();
      await lane.translate(job.made).catch(() => {});
      end?.();
      job.done();
    }
  };
  const help = async () => {
    if (isSecondBusy || waiting.length === 0) return;
    isSecondBusy = true;
    const second = await openSecond().catch(() => undefined);
    if (second) {
      await drain(second);
      second.close();
    }
    isSecondBusy = false;
  };
  const watch = () => {
    const timer = setTimeout(help, longMs);
    return () => clearTimeout(timer);
  };
  const start = async () => {
    if (isFirstBusy) return;
    isFirstBusy = true;
    await drain(first, watch);
    isFirstBusy = false;
  };
  return (made) =>
    new Promise((done) => {
      waiting.push({ made, done });
      void start();
    });
}

/** Larger than the minimum binding size of every shader. */
const BOUND_BYTES = 4096;

/** Warms up a pipeline on a device, creating it again if another device created it. */
export function warmUpDeviceOf(
  gpu: GPUDevice,
  isOwn: boolean,
  close: () => void = () => {},
): WarmUpDevice {
  const again = async ({ code, entries }: MadePipeline) => {
    const layout = gpu.createBindGroupLayout({ entries });
    const pipeline = await gpu.createComputePipelineAsync({
      layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: gpu.createShaderModule({ code }), entryPoint: "main" },
    });
    return { layout, pipeline };
  };
  return {
    async translate(made) {
      const { pipeline, layout } = isOwn ? made : await again(made);
      // No await up to the pop: the error scopes of a device are one stack.
      gpu.pushErrorScope("validation");
      const bound = made.entries.map(({ buffer, storageTexture }) => {
        if (storageTexture) return oneTexel(gpu, storageTexture.format);
        const { UNIFORM, STORAGE } = GPUBufferUsage;
        const usage = buffer?.type === "uniform" ? UNIFORM : STORAGE;
        return gpu.createBuffer({ size: BOUND_BYTES, usage });
      });
      const entries = made.entries.map(({ binding }, i) => {
        const one = bound[i];
        return { binding, resource: "createView" in one ? one.createView() : { buffer: one } };
      });
      // No workgroup runs, so these are neither read nor written.
      const none = gpu.createBuffer({ size: 12, usage: GPUBufferUsage.INDIRECT });
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, gpu.createBindGroup({ layout, entries }));
      pass.dispatchWorkgroupsIndirect(none, 0);
      pass.end();
      gpu.queue.submit([encoder.finish()]);
      const invalid = gpu.popErrorScope();
      await gpu.queue.onSubmittedWorkDone();
      for (const one of [...bound, none]) one.destroy();
      const error = await invalid;
      if (error) throw new Error(error.message);
    },
    close,
  };
}

const oneTexel = (gpu: GPUDevice, format: GPUTextureFormat) =>
  gpu.createTexture({ size: [1, 1], format, usage: GPUTextureUsage.STORAGE_BINDING });

/**
 * The `translator` for a device of `openDevice`. Other drivers translate when a pipeline is
 * created.
 */
export function llvmpipeWarmUp(
  openSecond: () => Promise<{ readonly gpu: GPUDevice; close(): void }>,
) {
  return (gpu: GPUDevice, info: GPUAdapterInfo): WarmUp | undefined => {
    if (!/llvmpipe/i.test(`${info.device} ${info.description}`)) return undefined;
    return warmUpBy(warmUpDeviceOf(gpu, true), async () => {
      const second = await openSecond();
      return warmUpDeviceOf(second.gpu, false, second.close);
    });
  };
}
