// Programs in which a script of checks runs, each with its own WebGPU.

import { execFileSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { openPage, serve } from "../browser/page.js";
import { type FirefoxPage, openFirefox } from "./bidi.js";
import type { Runtime } from "./run.js";
import { startScript } from "./script-runtime.js";

/** A program that has loaded a script. */
export type OpenRuntime = Runtime & { close(): Promise<void> };

type Environment = NodeJS.ProcessEnv;

/** Deno; DENO sets another program than `deno`. */
export function startDeno(text: string, env?: Environment): OpenRuntime {
  return startScript({
    program: process.env.DENO ?? "deno",
    args: ["run", "--allow-all", "--unstable-webgpu"],
    text,
    env,
    advice: "install Deno, or name its program by DENO",
  });
}

/** This Node with Dawn of the package `webgpu` as `navigator.gpu`, on SwiftShader or as `env` says. */
export function startNode(text: string, env: Environment, isSwiftShader: boolean): OpenRuntime {
  const swiftShader = new URL("../../src/node/swiftshader.js", import.meta.url);
  const prelude = [
    ...(isSwiftShader ? [`await (await import("${swiftShader}")).loadSwiftShader();`] : []),
    `const { create, globals } = await import("${import.meta.resolve("webgpu")}");`,
    "Object.assign(globalThis, globals);",
    'Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) } });',
  ];
  return startScript({
    program: process.execPath,
    args: [],
    text: [...prelude, text].join("\n"),
    env,
    advice: "it is the program that runs this one",
  });
}

/** The tests' Chromium, which has a SwiftShader of its own. */
export async function startChromium(text: string): Promise<OpenRuntime> {
  const page = await openPage("export {};", { "/page.js": text });
  return {
    call: (name, ...values) =>
      page.run(
        async ({ name, values }) => {
          const { it } = globalThis as unknown as {
            it: Record<string, (...v: unknown[]) => unknown>;
          };
          return (await it[name](...values)) ?? null;
        },
        { name, values },
        PATIENCE,
      ),
    close: page.close,
  };
}

/** Seconds that a call in a page may take. */
const PATIENCE = 900;

/** An installed Firefox with a page of these files; FIREFOX sets another program. */
export async function startFirefox(
  text: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<OpenRuntime & Pick<FirefoxPage, "version" | "problems">> {
  const server = await serve({
    "/": '<!doctype html><meta charset="utf-8"><script defer src="page.js"></script>',
    "/page.js": text,
    "/favicon.ico": "",
    ...files,
  });
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const { port } = server.address() as AddressInfo;
  try {
    const page = await openFirefox(`http://127.0.0.1:${port}/`);
    return {
      version: page.version,
      problems: page.problems,
      call: (name, ...values) => page.evaluate(`it.${name}(...${JSON.stringify(values)})`),
      async close() {
        await page.close();
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** The file that names SwiftShader to Vulkan's loader; undefined if it is not installed. */
export function swiftShaderDriver(): string | undefined {
  const module = new URL("../../src/node/swiftshader.js", import.meta.url);
  // In another process: it would become the driver of this one.
  const code = `import("${module}").then((m) => m.loadSwiftShader()).then((r) => console.log(r.folder ?? ""))`;
  const folder = execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }).trim();
  return folder === "" ? undefined : `${folder}/vk_swiftshader_icd.json`;
}
