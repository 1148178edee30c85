/** Imports a package that is installed only in bench/. Throws if it is missing. */
export async function peer(name: string): Promise<unknown> {
  // Relative to dist/bench, where this file runs.
  const loader = new URL("../../bench/peers.js", import.meta.url);
  const { load } = (await import(loader.href)) as { load: (name: string) => Promise<unknown> };
  return load(name);
}

/**
 * Shows other engines the GPU as in a page: `navigator.gpu`, with the driver that Micrograph has
 * loaded when its device is open. The object lives as long as the process, as Dawn requires.
 */
export async function showGpu(): Promise<GPU> {
  const { navigator } = globalThis as { navigator?: { readonly gpu?: GPU } };
  if (navigator?.gpu) return navigator.gpu;
  const dawn = await import("webgpu");
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  const value = { gpu, userAgent: "node" };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  return gpu;
}
