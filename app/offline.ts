// What a build adds to the bundle: a strict Content-Security-Policy in the page, and a service worker
// that lists every file, so that the app works offline after the first load.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Only the app's own files; `blob:` for pictures that the page itself made. */
const POLICY = [
  "default-src 'none'",
  // WebAssembly decodes JPEG files; it comes with the scripts.
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Adds the policy and `service-worker.js` to a build; the development server has neither. */
export function offline(): Plugin {
  return {
    name: "offline",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
    generateBundle(_options, bundle) {
      const digest = createHash("sha256");
      for (const [name, file] of Object.entries(bundle)) {
        digest.update(name).update(file.type === "chunk" ? file.code : file.source);
      }
      // Networks to start from are kept when they are first fetched.
      const isLater = (name: string) => name === "index.html" || name.endsWith(".safetensors");
      const files = ["./", "icon.svg", ...Object.keys(bundle).filter((name) => !isLater(name))];
      const source = readFileSync(new URL("./service-worker.js", import.meta.url), "utf8")
        .replace("const FILES = [];", `const FILES = ${JSON.stringify(files)};`)
        .replace('"development"', JSON.stringify(digest.digest("hex").slice(0, 12)));
      this.emitFile({ type: "asset", fileName: "service-worker.js", source });
    },
  };
}
