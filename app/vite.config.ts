// The app as static files: all paths are relative, so that any server can serve it under any path.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { offline } from "./offline.js";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  build: {
    outDir: "../dist/app-site",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // A picture inlined as data: would need a less strict policy.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
  plugins: [offline()],
});
