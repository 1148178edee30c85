// Writes dist/micrograph.min.js: the whole public API for browsers in one file, for a page without
// a bundler. The decoders of TIFF and JPEG, which are as large again, are two files next to it that
// are loaded when needed. Also writes dist/core/, for the same kind of page: `core` and `files`,
// with the parts that are loaded when needed next to them. Bundlers use the modules of dist/src/
// for `micrograph/core`, which `micrograph` shares.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { build as split } from "vite";

const path = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

const apart = {
  name: "formats apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/(tiff|jpeg)\/index\.js$/ }, ({ path: from, kind }) => {
      if (kind !== "dynamic-import") return undefined;
      return { path: `./micrograph-${from.split("/").at(-2)}.min.js`, external: true };
    });
  },
};

await build({
  entryPoints: {
    micrograph: path("src/index.js"),
    "micrograph-tiff": path("src/formats/tiff/index.js"),
    "micrograph-jpeg": path("src/formats/jpeg/index.js"),
  },
  outdir: path(""),
  outExtension: { ".js": ".min.js" },
  plugins: [apart],
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  logLevel: "warning",
});

await split({
  configFile: false,
  logLevel: "error",
  root: path("src"),
  build: {
    outDir: path("core"),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    lib: {
      entry: { "core-part": path("src/core.js"), "files-part": path("src/files.js") },
      formats: ["es"],
    },
    rollupOptions: {
      // Parts that are loaded later may import from the one file, so the bundler need not split it.
      preserveEntrySignatures: "allow-extension",
      output: { minify: true, entryFileNames: "[name].js", chunkFileNames: "[name]-part.js" },
    },
  },
});

// Names that the parts share are exported by the parts, not by the files that the page imports.
for (const name of ["core", "files"]) {
  const names = Object.keys(await import(path(`src/${name}.js`)));
  writeFileSync(
    path(`core/${name}.js`),
    `export { ${names.join(", ")} } from "./${name}-part.js";\n`,
  );
}
