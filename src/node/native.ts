// What native code of this process sees: libraries that are loaded, and variables of the environment. Node
// gives both; Deno and Bun by their calls of C functions.

import { constants } from "node:os";

/** It must stay loaded once the loading code has found that it is no addon. */
const RTLD_NODELETE = 0x1000;

/** Functions of the C library. */
interface LibC {
  dlopen(path: Uint8Array, flags: number): unknown;
  setenv(name: Uint8Array, value: Uint8Array, replaces: number): number;
}

/** What Deno and Bun have for it, as far as it is used. */
interface Runtimes {
  readonly Deno?: { dlopen(file: string, functions: object): { symbols: LibC } };
  readonly Bun?: object;
}

const { Deno, Bun } = globalThis as Runtimes;

/**
 * Sets variables and loads a library so that an addon that is imported later finds both, the library by its
 * name. Throws where it cannot, in Deno without --allow-ffi too.
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

/** Undefined in Node, which needs none. */
async function openLibC(): Promise<LibC | undefined> {
  const file = "libc.so.6";
  if (Deno) {
    return Deno.dlopen(file, {
      dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
    }).symbols;
  }
  if (Bun) {
    const module = "bun:ffi"; // a name that no compiler looks for
    const { dlopen } = await import(module);
    return dlopen(file, {
      dlopen: { args: ["ptr", "i32"], returns: "ptr" },
      setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
    }).symbols;
  }
  return undefined;
}
