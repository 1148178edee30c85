// Makes libraries and environment variables visible to native code of this process. Node can do
// both; for Deno and Bun functions of the C library are called.

import { constants } from "node:os";

/** Keeps the library loaded after the loading code has found that it is not an addon. */
const RTLD_NODELETE = 0x1000;

/** Functions of the C library. */
interface LibC {
  dlopen(path: Uint8Array, flags: number): unknown;
  setenv(name: Uint8Array, value: Uint8Array, replaces: number): number;
}

/** The functions of Deno and Bun for it, as far as used. */
interface Runtimes {
  readonly Deno?: { dlopen(file: string, functions: object): { symbols: LibC } };
  readonly Bun?: object;
}

const { Deno, Bun } = globalThis as Runtimes;

/**
 * Sets variables and loads a library so that an addon imported later finds both, the library by its
 * name. Throws if this is impossible, for example in Deno without --allow-ffi.
 */
export async function loadNative(
  library: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  Object.assign(process.env, variables);
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  const flags = RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE;
  const libC = await openLibC();
  if (libC) {
    const text = (value: string) => new TextEncoder().encode(`${value}\0`);
    for (const [name, value] of Object.entries(variables)) libC.setenv(text(name), text(value), 1);
    if (!libC.dlopen(text(library), flags)) throw new Error(`${library} does not load`);
    return;
  }
  try {
    process.dlopen({ exports: {} }, library, flags);
  } catch (error) {
    if (!/did not self-register/.test((error as Error).message)) throw error;
  }
}

/** Undefined in Node, which does not need it. */
async function openLibC(): Promise<LibC | undefined> {
  const file = "libc.so.6";
  if (Deno) {
    return Deno.dlopen(file, {
      dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
    }).symbols;
  }
  if (Bun) {
    const module = "bun:ffi"; // a variable, so that compilers do not resolve it
    const { dlopen } = await import(module);
    return dlopen(file, {
      dlopen: { args: ["ptr", "i32"], returns: "ptr" },
      setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
    }).symbols;
  }
  return undefined;
}
