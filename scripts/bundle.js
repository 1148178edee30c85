// Writes dist/micrograph.min.js: the whole public index of browsers in one file, for a page without
// a bundler.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

await build({
  entryPoints: [path("src/index.js")],
  outfile: path("micrograph.min.js"),
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  logLevel: "warning",
});
