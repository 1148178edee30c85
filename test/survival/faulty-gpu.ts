// A GPU of which one call fails: the n-th of WebGPU's calls, in one of the ways in which calls fail.

import "../no-kernel-cache.js";
import type { Device } from "../../src/gpu/device.js";
import { requestDevice } from "../../src/gpu/request-device.js";
import { openAdapter } from "../../src/node/open-device.js";
import { loadSwiftShader } from "../../src/node/swiftshader.js";

/** How a call fails. */
export const KINDS = ["lost", "out of memory", "validation", "map"] as const;
export type Kind = (typeof KINDS)[number];

/** The call that fails, counted from 1 since `arm` over the calls that can fail in this way. */
export interface Fault {
  readonly kind: Kind;
  readonly call: number;
}

/** A device whose calls are counted, of which one can fail; also after it was renewed. */
export interface FaultyDevice {
  readonly device: Device;
  /** Counts from 0 again; the call of `fault` fails. */
  arm(fault?: Fault): void;
  /** The calls since `arm` that can fail in this way. */
  count(kind: Kind): number;
  /** The name of the call that failed; "" before. */
  readonly failed: string;
  /** Buffers, textures and query sets that are not destroyed, of GPUs that are not lost. */
  alive(): string[];
}

type Method = (...given: never[]) => unknown;
type Methods = Record<string, Method>;

const instances = new Map<string, GPU>();

/** Dawn's object for the adapter of the tests. */
async function dawn(): Promise<GPU> {
  const sources = {
    dawn: () => import("webgpu"),
    swiftShader: loadSwiftShader,
    runtime: () => undefined,
    instances,
  };
  if (instances.size === 0) (await openAdapter({}, sources)).close();
  return [...instances.values()].at(-1) as GPU;
}

export async function openFaulty(): Promise<FaultyDevice> {
  const real = await dawn();
  const counts = new Map<Kind, number>();
  const alive = new Map<object, { label: string; gpu: GPUDevice }>();
  const lostGpus = new Set<GPUDevice>();
  let fault: Fault | undefined;
  let failed = "";

  /** Counts a call; returns how it fails, if it does. */
  const next = (name: string, kinds: readonly Kind[]): Kind | undefined => {
    for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (!fault || !kinds.includes(fault.kind)) return undefined;
    if (counts.get(fault.kind) !== fault.call) return undefined;
    failed = name;
    return fault.kind;
  };

  const wrap = (gpu: GPUDevice): GPUDevice => {
    /** Faked errors by error scope, the innermost last. */
    const scopes: { readonly filter: string; error?: { readonly message: string } }[] = [];
    const mark = (filter: string, message: string) => {
      const scope = scopes.findLast((one) => one.filter === filter);
      if (scope) scope.error ??= { message };
    };
    void gpu.lost.then(() => lostGpus.add(gpu));
    const lose = () => {
      lostGpus.add(gpu);
      gpu.destroy();
    };
    /** An object of a failed call, without an error of its own. */
    const invalid = <T>(make: () => T): T => {
      gpu.pushErrorScope("validation");
      const made = make();
      gpu.popErrorScope().catch(() => {});
      return made;
    };
    const watch = (made: GPUBuffer | GPUTexture | GPUQuerySet): void => {
      alive.set(made, { label: made.label, gpu });
      const destroy: () => undefined = made.destroy.bind(made);
      made.destroy = () => {
        alive.delete(made);
        return destroy();
      };
      if (!("mapAsync" in made)) return;
      const map = made.mapAsync.bind(made);
      made.mapAsync = async (...given) => {
        const kind = next("mapAsync", ["lost", "map"]);
        if (kind === "lost") lose();
        if (kind === "map") throw new Error("a mapping failed, as planned");
        return map(...given);
      };
    };
    const watchEncoder = (encoder: GPUCommandEncoder) => {
      const finish = encoder.finish.bind(encoder);
      encoder.finish = (...given) => {
        const kind = next("finish", ["lost", "validation"]);
        if (kind === "lost") lose();
        if (kind === "validation") encoder.popDebugGroup(); // none is open
        return finish(...given);
      };
    };
    const broken: Record<string, (given: never) => unknown> = {
      createBuffer: (given: GPUBufferDescriptor) => ({ ...given, usage: 0x7fffffff }),
      createTexture: (given: GPUTextureDescriptor) => ({ ...given, size: [0, 0] }),
      createQuerySet: (given: GPUQuerySetDescriptor) => ({ ...given, count: 1e6 }),
      createBindGroup: (given: GPUBindGroupDescriptor) => ({ ...given, entries: [] }),
      createBindGroupLayout: (given: GPUBindGroupLayoutDescriptor) => {
        const [first] = given.entries;
        return { ...given, entries: [first, first] };
      },
      createShaderModule: (given: GPUShaderModuleDescriptor) => ({ ...given, code: "broken" }),
      createComputePipelineAsync: (given: GPUComputePipelineDescriptor) => {
        return { ...given, compute: { ...given.compute, entryPoint: "absent" } };
      },
      createPipelineLayout: (given: GPUPipelineLayoutDescriptor) => {
        const [first] = given.bindGroupLayouts;
        return { ...given, bindGroupLayouts: Array.from({ length: 99 }, () => first) };
      },
    };
    const made = (name: string, make: (given: object) => unknown, given: object): unknown => {
      const allocates = ["createBuffer", "createTexture", "createQuerySet"].includes(name);
      const kinds: Kind[] = allocates
        ? ["lost", "out of memory", "validation"]
        : ["lost", "validation"];
      const kind = next(name, kinds);
      if (kind === "lost") lose();
      const wrong = broken[name] as ((given: object) => object) | undefined;
      if (kind === "out of memory") {
        mark("out-of-memory", `no memory for ${(given as { label?: string }).label}, as planned`);
        return invalid(() => make((wrong as (given: object) => object)(given)));
      }
      const one = make(kind === "validation" && wrong ? wrong(given) : given);
      if (kind === "validation" && !wrong) (one as GPUCommandEncoder).popDebugGroup();
      return one;
    };
    const device: Methods = {
      pushErrorScope(filter: string) {
        if (next("pushErrorScope", ["lost"])) lose();
        scopes.push({ filter });
        gpu.pushErrorScope(filter as GPUErrorFilter);
      },
      async popErrorScope() {
        const kind = next("popErrorScope", ["lost", "validation"]);
        if (kind === "lost") lose();
        const scope = scopes.pop();
        const found = await gpu.popErrorScope();
        if (kind === "validation") return { message: "invalid, as planned" };
        return scope?.error ?? found;
      },
    };
    const queue: Methods = {
      submit(buffers: GPUCommandBuffer[]) {
        const kind = next("submit", ["lost", "validation"]);
        if (kind === "lost") lose();
        if (kind === "validation") mark("validation", "a submit was refused, as planned");
        else gpu.queue.submit(buffers);
      },
      writeBuffer(...given: Parameters<GPUQueue["writeBuffer"]>) {
        const kind = next("writeBuffer", ["lost", "validation"]);
        if (kind === "lost") lose();
        if (kind === "validation") mark("validation", "a write was refused, as planned");
        else gpu.queue.writeBuffer(...given);
      },
      async onSubmittedWorkDone() {
        if (next("onSubmittedWorkDone", ["lost"])) lose();
        return gpu.queue.onSubmittedWorkDone();
      },
    };
    const wrappedQueue = proxy(gpu.queue, queue);
    return new Proxy(gpu, {
      get(target, name) {
        if (name === "queue") return wrappedQueue;
        const own = device[name as string];
        if (own) return own;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        const call = value.bind(target);
        if (!String(name).startsWith("create")) return call;
        return (given: object = {}) => {
          const one = made(String(name), call, given);
          if (name === "createCommandEncoder") watchEncoder(one as GPUCommandEncoder);
          if (["createBuffer", "createTexture", "createQuerySet"].includes(String(name))) {
            watch(one as GPUBuffer);
          }
          return one;
        };
      },
    });
  };

  const gpu = proxy(real, {
    async requestAdapter(...given: Parameters<GPU["requestAdapter"]>) {
      const adapter = await real.requestAdapter(...given);
      return (
        adapter &&
        proxy(adapter, {
          async requestDevice(descriptor: GPUDeviceDescriptor) {
            return wrap(await adapter.requestDevice(descriptor));
          },
        })
      );
    },
  });
  const device = await requestDevice(gpu, { backend: "faulty" });
  return {
    device,
    arm(given) {
      counts.clear();
      failed = "";
      fault = given;
    },
    count: (kind) => counts.get(kind) ?? 0,
    get failed() {
      return failed;
    },
    alive: () =>
      [...alive.values()].filter((one) => !lostGpus.has(one.gpu)).map(({ label }) => label),
  };
}

/** An object with some methods of its own. */
function proxy<T extends object>(target: T, own: Methods): T {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === "string" && name in own) return own[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
